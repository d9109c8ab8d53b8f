"""Resources and data sources that hold what was written into them on the JavaScript side, where synthesis asks for it.

``_native.js`` has the classes; this module hands them to the CDK library's runtime, as the package of a library in
JavaScript would be. A construct is then one message to Node, instead of one and two questions back (0.9 s of processor
time and about a third of the duration of a synthesis of 1,000 notebooks; ``decisions/0009``).
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

from modelarts_constructs._cdk import Construct, cdktf, jsii
from modelarts_constructs.errors import ConstructError
from modelarts_constructs.l1._import_ids import wrong_import

NAME: Final = "modelarts-constructs"
VERSION: Final = "1.0.0"
"""Of the JavaScript part alone. Nobody refers to it; the runtime tells one from another by what is in it."""

_ANYTHING: Final = {"primitive": "any"}
_TEXT: Final = {"primitive": "string"}


def package(library: str) -> bytes:
    """The JavaScript part as the archive that the runtime loads; its bytes are the same every time.

    Args:
        library: The CDK library that its classes derive from: ``cdktf`` or ``cdktn``.
    """
    needed = {library: "*", "constructs": "*"}
    manifest = {"name": NAME, "version": VERSION, "main": "index.js", "library": library, "peerDependencies": needed}
    assembly = {
        "schema": "jsii/0.10.0",
        "jsiiVersion": "5.8.9",
        "fingerprint": "*",
        "name": NAME,
        "version": VERSION,
        "dependencies": needed,
        "types": {each["fqn"]: each for each in _classes(library)},
    }
    files = {
        "package.json": json.dumps({**manifest, "jsii": {"targets": {}}}).encode(),
        ".jsii": json.dumps(assembly).encode(),
        "index.js": Path(__file__).with_suffix(".js").read_bytes(),
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def _classes(library: str) -> list[dict[str, Any]]:
    """The classes, as the runtime wants them described (jsii's format of assemblies, 0.10.0)."""
    config = {"fqn": f"{library}.TerraformResourceConfig"}
    held = {"config": config, "written": _ANYTHING}
    written = [{"name": "written", "type": _ANYTHING}]
    imported = {"type": _TEXT, "importId": _TEXT, "provider": {"fqn": f"{library}.TerraformProvider"}}
    return [
        _class("Resource", f"{library}.TerraformResource", held, [*written, {"name": "refused", "type": _ANYTHING}]),
        _class("DataSource", f"{library}.TerraformDataSource", held, written),
        _class("Import", f"{library}.ImportableResource", imported, []),
        _synthesis(library),
    ]


def _synthesis(library: str) -> dict[str, Any]:
    stack = {"name": "stack", "type": {"fqn": f"{library}.TerraformStack"}}
    full_synth = {
        "name": "fullSynth",
        "static": True,
        "parameters": [stack, {"name": "folder", "type": _TEXT}],
        "returns": {"type": _TEXT},
    }
    named = {"fqn": f"{NAME}.Synthesis", "name": "Synthesis", "assembly": NAME, "kind": "class"}
    return {**named, "methods": [full_synth]}


def _class(
    name: str, base: str, arguments: dict[str, dict[str, str]], properties: list[dict[str, Any]]
) -> dict[str, Any]:
    parameters = {"scope": {"fqn": "constructs.Construct"}, "id": _TEXT, **arguments}
    return {
        "kind": "class",
        "assembly": NAME,
        "fqn": f"{NAME}.{name}",
        "name": name,
        "base": base,
        "initializer": {
            "parameters": [
                {"name": argument, "type": kind, "optional": argument == "provider"}
                for argument, kind in parameters.items()
            ]
        },
        "properties": properties,
    }


def _load() -> None:
    with tempfile.TemporaryDirectory(prefix="modelarts-constructs-") as folder:
        file = Path(folder) / "package.tar"
        file.write_bytes(package(cdktf.__name__))
        jsii.load(NAME, VERSION, str(file))


_load()


class HeldResource(cdktf.TerraformResource, metaclass=jsii.JSIIMeta, jsii_type=f"{NAME}.Resource"):
    """A resource that holds what was written.

    A method here takes the place of the library's for Python alone: the library's runtime looks for overrides in the
    classes before this one.
    """

    def import_from(
        self,
        id: str,  # noqa: A002 - the library's name of the argument
        provider: cdktf.TerraformProvider | None = None,
    ) -> None:
        """Import the instance that is there, and manage it as this resource.

        Args:
            id: What ``terraform import`` takes: the id of the instance, or its exact name, with the region and the project
                before it where they aren't the provider's (``cn-north-4/train``). Write ``region`` and ``project_id``
                into the resource then, too.
            provider: The provider to use, where the stack has several.

        Raises:
            ConstructError: an argument is something else than it must be.
        """
        if wrong := wrong_import("id", id, provider):
            msg = f"{self.node.path}: {wrong}"
            raise ConstructError(msg)
        super().import_from(id, provider)


class HeldDataSource(cdktf.TerraformDataSource, metaclass=jsii.JSIIMeta, jsii_type=f"{NAME}.DataSource"):
    """A data source that holds what was written."""


class Import(cdktf.ImportableResource, metaclass=jsii.JSIIMeta, jsii_type=f"{NAME}.Import"):
    """An import without a resource, whose configuration Terraform is to write."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        type_name: str,
        import_id: str,
        provider: cdktf.TerraformProvider | None,
    ) -> None:
        jsii.create(type(self), self, [scope, id, type_name, import_id, provider])


class _Synthesis(metaclass=jsii.JSIIMeta, jsii_type=f"{NAME}.Synthesis"):
    """A static method alone."""


def full_synth(stack: cdktf.TerraformStack, folder: str) -> str:
    """What ``cdktf.Testing.full_synth`` does, with every file below a given folder, whether it fails or not.

    Args:
        stack: The stack to synthesise.
        folder: Where the files go; the caller removes it.

    Returns:
        The folder below it that holds ``stacks/…``.

    Raises:
        RuntimeError: a validation failed or an error annotation is there; the message has it.
    """
    return str(jsii.sinvoke(_Synthesis, "fullSynth", [stack, folder]))


def create(
    made: cdktf.TerraformElement,
    scope: Construct,
    id: str,  # noqa: A002 - the name that every construct has
    config: cdktf.TerraformResourceConfig,
    written: dict[str, Any],
) -> None:
    """Make the construct's other half.

    What the library's own constructor would do as well (to look up annotations and compare each argument with them, for
    every object) costs more than all of ours, and everything that comes here was checked before.

    Args:
        made: The construct, in its constructor.
        scope: The construct that it belongs to.
        id: Its id.
        config: Its type and metadata arguments.
        written: The attributes as plain values and tokens.
    """
    jsii.create(type(made), made, [scope, id, config, written])


def refuse(made: cdktf.TerraformElement, problems: list[str]) -> None:
    """Fail the synthesis with these texts, unless the resource turns out to be imported or moved.

    Args:
        made: The construct of a resource.
        problems: What a new one can't have; empty takes back what was said before.
    """
    jsii.set(made, "refused", problems)


def hold(made: cdktf.TerraformElement, written: dict[str, Any]) -> None:
    """Put other attributes in place of what a construct holds.

    Args:
        made: The construct.
        written: The attributes as plain values and tokens.
    """
    jsii.set(made, "written", written)
