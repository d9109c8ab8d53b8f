"""What every generated class stands on: making a construct, what was written into it, references into it."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias, TypeVar, cast

from modelarts_constructs._cdk import Construct, cdktf
from modelarts_constructs._plain import member
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.l1._import_ids import wrong_import
from modelarts_constructs.l1._making import alone, check_alias, check_synthesised, making, place, plain_attributes
from modelarts_constructs.l1._meta import DataMetaArguments, MetaArguments, checked_meta, settled_name
from modelarts_constructs.l1._native import HeldDataSource, HeldResource, Import, create, hold
from modelarts_constructs.l1._ranges import Rules, out_of_range
from modelarts_constructs.l1._references import Place, Reference, Source

PROVIDER: Final = "modelarts"
SOURCE: Final = "local/modelarts/modelarts"
VERSION: Final = "0.2.0"

NO_RULES: Final[Rules] = MappingProxyType({})

ElementT = TypeVar("ElementT")
Expression: TypeAlias = Reference | cdktf.IResolvable
Flag: TypeAlias = bool | cdktf.IResolvable
Many: TypeAlias = list[ElementT] | tuple[ElementT, ...] | set[ElementT] | frozenset[ElementT]

_GENERATOR: Final = cdktf.TerraformProviderGeneratorMetadata(provider_name=PROVIDER, provider_version=VERSION)


@functools.cache
def _bare(type_name: str) -> cdktf.TerraformResourceConfig:
    """What the constructor of the library takes where there are no metadata arguments: the same for every object."""
    return cdktf.TerraformResourceConfig(terraform_resource_type=type_name, terraform_generator_metadata=_GENERATOR)


def _copied(value: Any) -> Any:
    """A copy of collections; what is in them (tokens, text) can't change."""
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(element) for element in value] if isinstance(value, list) else value


def _unset(value: Any) -> list[Any]:
    """The keys of a map that have no value."""
    return [key for key, text in value.items() if text is None] if isinstance(value, Mapping) else []


class Written(Place):
    """What was written into a resource or data source, and references to what Terraform will know of it."""

    TF_RESOURCE_TYPE: ClassVar[str]
    """The full type, such as ``modelarts_notebook``."""

    _ADDRESS: ClassVar[str] = ""
    """What Terraform's addresses have before the type."""

    _written: dict[str, Any]
    _many: str

    def _make(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        attributes: Mapping[str, Any],
        meta: DataMetaArguments | MetaArguments,
        known: type[DataMetaArguments | MetaArguments],
    ) -> None:
        """Check everything, here where an error has the user's line, and make the construct: one message to Node.

        Args:
            scope: The construct that it belongs to.
            id: Its id.
            attributes: What was written, by the attributes' names in Terraform.
            meta: The metadata arguments.
            known: The metadata arguments that there are.
        """
        check_synthesised(scope, id)
        self._refuse_unknown(meta.keys() - known.__annotations__.keys(), known)
        self._written = plain_attributes(type(self), lambda: place(scope, id), attributes)
        self._many = next((name for name in ("count", "for_each") if meta.get(name) is not None), "")
        config = _bare(self.TF_RESOURCE_TYPE)
        try:
            if meta and (checked := checked_meta(meta, self._readable())):
                config = cdktf.TerraformResourceConfig(
                    terraform_resource_type=self.TF_RESOURCE_TYPE, terraform_generator_metadata=_GENERATOR, **checked
                )
        except (ConstructError, TypeError) as error:
            msg = f"{place(scope, id)}: {error}"
            raise ConstructError(msg) from None
        with making(scope, id):
            create(self._element(), scope, id, config, self._written)

    @classmethod
    def _readable(cls) -> type[Place] | None:
        """The generated class of what can be read; None where somebody has made a resource by hand."""
        found = (each for each in cls.__mro__ if Place in each.__bases__ and not issubclass(each, Written))
        return next(cast("Iterator[type[Place]]", found), None)

    def _refuse_unknown(self, unknown: Collection[str], known: type[DataMetaArguments | MetaArguments]) -> None:
        """Python's own error, which the metadata arguments keep it from raising.

        Raises:
            TypeError: an argument has a name that there isn't.
        """
        for name in sorted(unknown):
            parameters = inspect.signature(type(self).__init__).parameters
            there = [*(parameters.keys() - {"self", "scope", "id", "meta"}), *known.__annotations__]
            near = difflib.get_close_matches(name, there, 1)
            advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(there))}"
            msg = f"{type(self).__name__} has no argument {name!r}: {advice}"
            raise TypeError(msg)

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What was written, as Terraform will get it: plain values and tokens, absent attributes left out. A copy."""
        return MappingProxyType(_copied(self._written))

    def each(self, attribute: str) -> list[str]:
        """A token for the list of one attribute's values, over all instances of a resource with count or for_each.

        Args:
            attribute: The attribute's name, or a path such as ``endpoints["SSH"].uri``.

        Raises:
            ConstructError: the resource has neither count nor for_each.
        """
        element = self._element()
        address = f"{self._ADDRESS}{self.TF_RESOURCE_TYPE}.{settled_name(element)}"
        match self._many:
            case "count":
                return list(cdktf.Token.as_list(f"${{{address}[*].{attribute}}}"))
            case "for_each":
                return list(cdktf.Token.as_list(f"${{values({address})[*].{attribute}}}"))
        msg = f"{element.node.path}: it has neither count nor for_each: write .{attribute}"
        raise ConstructError(msg)

    def _element(self) -> cdktf.TerraformResource | cdktf.TerraformDataSource:
        """The resource or data source itself, as the CDK library knows it."""
        return cast("cdktf.TerraformResource | cdktf.TerraformDataSource", self)

    def _write(self, attributes: Mapping[str, Any]) -> None:
        """Put other attributes in place of what was written."""
        written = plain_attributes(type(self), lambda: self._element().node.path, attributes)
        with alone():
            hold(self._element(), written)
        self._written = written

    def _at(self, name: str) -> tuple[Source, str]:
        if self._many:
            path = self._element().node.path
            msg = f"{path}: with {self._many} there are many instances: write .each({name!r})"
            raise ConstructError(msg)
        return self._element(), name


class Importable(Written):
    """What classes of resources have, and data sources don't."""

    @classmethod
    def generate_config_for_import(
        cls, scope: Construct, import_to_id: str, import_from_id: str, provider: cdktf.TerraformProvider | None = None
    ) -> cdktf.ImportableResource:
        """Have Terraform write the configuration of an instance that is there: an import block without a resource.

        ``terraform plan -generate-config-out=FILE`` in the stack's folder then writes the resource into a file.

        Args:
            scope: The construct that the import belongs to, such as the stack.
            import_to_id: The resource's future id in the stack.
            import_from_id: What ``terraform import`` takes: the id of the instance, or its exact name, with the region
                and the project before it where they aren't the provider's (``cn-north-4/train``).
            provider: The provider to use, where the stack has several.

        Raises:
            ConstructError: an argument is something else than it must be.
        """
        check_synthesised(scope, import_to_id)
        if wrong := wrong_import("import_from_id", import_from_id, provider):
            msg = f"{place(scope, import_to_id)}: {wrong}"
            raise ConstructError(msg)
        with making(scope, import_to_id):
            return Import(scope, import_to_id, cls.TF_RESOURCE_TYPE, import_from_id, provider)


class ResourceBase(HeldResource, Importable):
    """A resource of the provider; arguments and attributes are generated.

    The order of the bases matters, here and in what derives from it. For every object that is made, the CDK library's
    runtime compares each member of each class *before* its own one with some twenty classes of the library, to find
    overrides (measured: 0.27 ms for sixty members). So what is no override stands in classes *after* it, where it costs
    nothing and can't take the place of a member of the library by accident.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        attributes: Mapping[str, Any],
        meta: MetaArguments,
    ) -> None:
        self._make(scope, id, attributes, meta, MetaArguments)


class DataSourceBase(HeldDataSource, Written):
    """A data source of the provider; arguments and attributes are generated. The bases' order is ``ResourceBase``'s."""

    _ADDRESS: ClassVar[str] = "data."

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        attributes: Mapping[str, Any],
        meta: DataMetaArguments,
    ) -> None:
        self._make(scope, id, attributes, meta, DataMetaArguments)


class ProviderBase(cdktf.TerraformProvider):
    """The provider block: synthesis; arguments are generated."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        attributes: Mapping[str, Any],
        maps: Sequence[str],
        rules: Rules = NO_RULES,
        *,
        alias: str | None,
        source: str,
        version: str | None,
    ) -> None:
        check_synthesised(scope, id)
        check_alias(lambda: place(scope, id), alias)
        texts: dict[str, object] = {"source": source, "version": version or ""}
        for name, given in texts.items():
            if not isinstance(given, str):
                msg = f"{place(scope, id)}: {name} is {shown(given)}: must be text"
                raise ConstructError(msg)
        self._alias = alias
        if unset := [f"{name}{member(key)}" for name in maps for key in _unset(attributes.get(name))]:
            msg = f"{place(scope, id)}: {unset[0]} is None: must be text"
            raise ConstructError(msg)
        written = plain_attributes(type(self), lambda: place(scope, id), attributes)
        if problem := out_of_range(rules, written):
            msg = f"{place(scope, id)}: {problem}"
            raise ConstructError(msg)
        self._written = {name: value for name, value in written.items() if name not in maps}
        self._maps = {name: value for name, value in written.items() if name in maps}
        with making(scope, id):
            super().__init__(
                scope,
                id,
                terraform_resource_type=PROVIDER,
                terraform_provider_source=source,
                terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(
                    provider_name=PROVIDER, provider_version=version
                ),
            )
        # The CDK library rewrites the keys of what a provider synthesises ("CostCenter" becomes "cost_center"); what is
        # added as an override it leaves alone.
        for name, value in self._maps.items():
            self.add_override(name, value)

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What was written, as Terraform will get it: plain values and tokens, absent attributes left out. A copy."""
        return MappingProxyType(_copied({**self._written, **self._maps}))

    @property
    def alias(self) -> str | None:
        """The name that tells this provider from others of the same type; resources refer to it by ``provider=``."""
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        check_alias(lambda: self.node.path, value)
        self._alias = value

    def _synthesize_attributes(self) -> dict[str, Any]:
        return self._written

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return self._written
