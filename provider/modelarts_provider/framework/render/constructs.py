"""Schema to typed, committed CDK for Terraform classes (L1): a pure function from schemas to file texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from modelarts_provider.framework.render.constructs_rules import rules_constant
from modelarts_provider.framework.render.l1_types import accepted, nested_classes, reference_property
from modelarts_provider.framework.render.names import pascal, python_name, short_name
from modelarts_provider.framework.render.source_text import GENERATED, docstring, imports, wrapped
from modelarts_provider.framework.render.words import sentences
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, Schema, plain_type
from modelarts_provider.framework.schema.types import ListOf, MapOf, ObjectOf, SetOf, Type

_STANDARD: Final = {
    "collections.abc": ("Mapping",),
    "typing": ("Any", "ClassVar", "Final", "NotRequired", "TypedDict", "Unpack"),
}
_PACKAGE: Final = {
    "": ("_rules",),
    "._cdk": ("Construct", "cdktf"),
    ".l1._base": (
        "SOURCE",
        "VERSION",
        "DataSourceBase",
        "Expression",
        "Flag",
        "Many",
        "ProviderBase",
        "ResourceBase",
    ),
    ".l1._meta": ("DataMetaArguments", "MetaArguments"),
    ".l1._ranges": ("Rules",),
    ".l1._references": ("ListReference", "MapReference", "Place", "Reference", "SetReference"),
}
"""What the generated modules use of the package that they are a part of, by the module's name in it."""

_SCOPE = ("scope: The construct that this one belongs to.", "id: Its id, unique in the scope; part of its address.")
_ABOUT_META = ("**meta: Metadata arguments, such as ``depends_on``.",)


@dataclass(frozen=True)
class _Kind:
    """What a resource and a data source have differently in the constructs."""

    word: str
    file: str
    """Before the name of the module: a resource and a data source may have one type."""

    suffix: str
    meta: str
    changes: bool
    """Whether the words of an argument say what a change of it does."""

    @property
    def base(self) -> str:
        """The name of the base class."""
        return f"{self.suffix}Base"


_RESOURCE: Final = _Kind("resource", "", "Resource", "MetaArguments", changes=True)
_DATA_SOURCE: Final = _Kind("data source", "data_", "DataSource", "DataMetaArguments", changes=False)


def render_constructs(
    name: str,
    provider: Schema,
    resources: Mapping[str, Schema],
    data_sources: Mapping[str, Schema] = MappingProxyType({}),
) -> dict[str, str]:
    """The text of every generated construct module, by path in the repository.

    Args:
        name: The provider's name; its constructs are the package ``<name>_constructs``.
        provider: The schema of the provider block.
        resources: Schemas by full type, such as ``random_pet``.
        data_sources: Schemas by full type, such as ``http_response``.
    """
    folder = f"constructs/{name}_constructs/l1"
    files = {f"{folder}/provider.py": _module(name, "The provider block", _provider(name, provider))}
    for kind, schemas in ((_RESOURCE, resources), (_DATA_SOURCE, data_sources)):
        for type_name, schema in schemas.items():
            path = f"{folder}/{kind.file}{short_name(type_name)}.py"
            files[path] = _module(name, f"The {kind.word} ``{type_name}``", _element(kind, type_name, schema))
    return files


def _module(name: str, title: str, classes: list[list[str]]) -> str:
    body = "\n\n\n".join("\n".join(lines) for lines in classes)
    package = {f"{name}_constructs{module}": names for module, names in _PACKAGE.items()}
    blocks = [
        f'"""{title}. {GENERATED}"""',
        "from __future__ import annotations",
        "\n".join(imports(body, _STANDARD)),
        "\n".join(imports(body, package)),
    ]
    return "\n\n".join(block for block in blocks if block) + f"\n\n\n{body}\n"


def _element(kind: _Kind, type_name: str, schema: Schema) -> list[list[str]]:
    base = pascal(short_name(type_name))
    names = {name: python_name(name, attribute) for name, attribute in schema.attributes.items()}
    configurable = _configurable(schema)
    attributes = [
        f"class {base}Attributes(Place):",
        *docstring(f"What can be read from a ``{type_name}``.", "    ", ""),
    ]
    attributes += _sets(schema)
    for name, attribute in schema.attributes.items():
        attributes += ["", *reference_property(name, attribute, base, names[name])]
    lines = [
        f"class {base}{kind.suffix}({kind.base}, {base}Attributes):",
        *docstring(schema.description, "    ", f"The {kind.word} ``{type_name}``."),
        "",
        f'    TF_RESOURCE_TYPE: ClassVar[str] = "{type_name}"',
        "",
        *_signature(base, configurable, names, [f"**meta: Unpack[{kind.meta}],"]),
        *_arguments(f"Declare a ``{type_name}``.", configurable, names, _ABOUT_META, changes=kind.changes),
        "        super().__init__(",
        "            scope,",
        "            id,",
        *_values(configurable, names),
        "            meta,",
        "        )",
    ]
    return [*nested_classes(schema.attributes, base, changes=kind.changes), attributes, lines]


def _provider(name: str, schema: Schema) -> list[list[str]]:
    names = {each: python_name(each, attribute) for each, attribute in schema.attributes.items()}
    configurable = _configurable(schema)
    maps = [each for each, attribute in configurable.items() if _holds_map(plain_type(attribute.type))]
    extra = ["alias: str | None = None,", "source: str = SOURCE,", "version: str | None = VERSION,"]
    about_extra = [
        "alias: A name that tells this provider from others of its type.",
        "source: Where Terraform gets the provider from.",
        "version: The version to use, or a constraint; None takes any.",
    ]
    signature = _signature(pascal(name), configurable, names, extra)
    signature[2:3] = ["        scope: Construct,"]
    signature[3] = f'        id: str = "{name}",  # noqa: A002 - the name that every construct has'
    lines = [
        f"class {pascal(name)}Provider(ProviderBase):",
        *docstring(schema.description, "    ", "The provider block."),
        "",
        *signature,
        *_arguments("Declare the provider block.", configurable, names, about_extra, changes=False),
        "        super().__init__(",
        "            scope,",
        "            id,",
        *_values(configurable, names),
        f"            maps={tuple(maps)!r},".replace("'", '"'),
        "            rules=_RULES,",
        "            alias=alias,",
        "            source=source,",
        "            version=version,",
        "        )",
    ]
    return [
        *nested_classes(schema.attributes, pascal(name), references=False),
        rules_constant("_RULES", schema.attributes),
        lines,
    ]


def _sets(schema: Schema) -> list[str]:
    """The lines of the class variable that names the sets; none where there are none."""
    paths = [f'"{path}"' for path in _set_paths(schema.attributes, "")]
    if not paths:
        return []
    start = "    TF_SETS: ClassVar[tuple[str, ...]] = ("
    if len(paths) == 1:
        return ["", f"{start}{paths[0]},)"]
    return ["", start, *(f"        {path}," for path in paths), "    )"]


def _set_paths(attributes: Mapping[str, Attribute], above: str) -> Iterator[str]:
    for name, attribute in attributes.items():
        kind = attribute.type
        if isinstance(kind, SetOf) or (isinstance(kind, Nested) and kind.nesting is Nesting.SET):
            yield f"{above}{name}"
        if isinstance(kind, Nested):
            yield from _set_paths(
                kind.attributes, f"{above}{name}.*." if kind.nesting is Nesting.MAP else f"{above}{name}."
            )


def _configurable(schema: Schema) -> dict[str, Attribute]:
    """What can be written, the required ones first."""
    pairs = [(name, attribute) for name, attribute in schema.attributes.items() if attribute.configurable]
    return dict(sorted(pairs, key=lambda pair: not pair[1].required))


def _holds_map(kind: Type) -> bool:
    match kind:
        case MapOf():
            return True
        case ListOf(element) | SetOf(element):
            return _holds_map(element)
        case ObjectOf(members):
            return any(_holds_map(member) for _, member in members)
        case _:
            return False


def _signature(base: str, attributes: Mapping[str, Attribute], names: Mapping[str, str], more: list[str]) -> list[str]:
    arguments = []
    for name, attribute in attributes.items():
        kind = accepted(attribute, f"{base}{pascal(name)}")
        arguments.append(f"{names[name]}: {kind}," if attribute.required else f"{names[name]}: {kind} | None = None,")
    return [
        "    def __init__(",
        "        self,",
        "        scope: Construct,",
        "        id: str,  # noqa: A002 - the name that every construct has",
        *(["        *,"] if arguments or not more[0].startswith("**") else []),
        *(f"        {argument}" for argument in [*arguments, *more]),
        "    ) -> None:",
    ]


def _arguments(
    summary: str, attributes: Mapping[str, Attribute], names: Mapping[str, str], more: Sequence[str], *, changes: bool
) -> list[str]:
    section = ["Args:"]
    about = [f"{names[name]}: {sentences(attribute, changes=changes)}" for name, attribute in attributes.items()]
    for text in (*_SCOPE, *about, *more):
        section += [line[8:] for line in wrapped(text, " " * 12, "    ")]
    return docstring(summary, "        ", "", section)


def _values(attributes: Mapping[str, Attribute], names: Mapping[str, str]) -> list[str]:
    if not attributes:
        return ["            {},"]
    return ["            {", *(f'                "{name}": {names[name]},' for name in attributes), "            },"]
