"""What may import what, and how long files and functions may be. Read from the source, imports inside functions too."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROVIDER = ROOT / "provider" / "modelarts_provider"
CONSTRUCTS = ROOT / "constructs" / "modelarts_constructs"
EMULATOR = ROOT / "emulator" / "modelarts_emulator"
PACKAGE = "modelarts_provider"
CONSTANTS = ("__version__", "NAME", "SOURCE")
OURS = ("modelarts_provider", "modelarts_constructs", "modelarts_emulator")

LAYERS = ("framework", "api", "lifecycle", "resources")
TOP = (
    "provider",
    "provider_schema",
    "settings",
    "login_settings",
    "installation",
    "doctor",
    "generated",
    "cli",
    "__main__",
    "__init__",
)
ANYTHING = frozenset({*LAYERS, *TOP})

ARROWS: dict[str, frozenset[str]] = {
    "framework": frozenset({"framework"}),
    "api": frozenset({"api", "framework.cancellation"}),
    "lifecycle": frozenset({"lifecycle", "framework"}),
    "resources": frozenset({"resources", "lifecycle", "api", "framework"}),
    "settings": frozenset({"settings", "resources", "framework"}),
    "provider_schema": frozenset({"provider_schema", "resources", "framework"}),
    "login_settings": frozenset({"login_settings", "settings", "resources", "api", "framework"}),
    "provider": frozenset(
        {"provider", "provider_schema", "settings", "login_settings", "resources", "lifecycle", "api", "framework"}
    ),
    "installation": frozenset(),
    "doctor": frozenset(
        {"doctor", "provider_schema", "settings", "login_settings", "installation", "api", "framework"}
    ),
    "generated": ANYTHING - {"doctor", "cli", "__main__"},
    "cli": ANYTHING - {"__main__"},
    "__main__": frozenset({"cli"}),
    "__init__": frozenset(),
}
"""For each layer or module of the provider, what of the provider it may import (a name, and everything below it)."""

ROOMS: dict[str, tuple[str, ...]] = {
    "framework": ("protocol", "render", "planning", "schema"),
    "api": ("modelarts", "auth", "http"),
    "resources": ("notebook", "common"),
    "resources/notebook": ("resource", "recovery", "apply", "plan", "service", "schema"),
}
"""The rooms of a folder: what stands in one imports only that room and what stands to its right."""

MOST_FILE_LINES, MOST_FUNCTION_LINES = 400, 60
GENERATED = {CONSTRUCTS / "l1" / "notebook.py", CONSTRUCTS / "l1" / "provider.py"}


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "node_modules" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path, package_root: Path) -> Iterator[str]:
    """Every module that a file imports, wherever the statement stands, as absolute dotted names."""
    parts = path.relative_to(package_root.parent).with_suffix("").parts
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = [*parts[: len(parts) - node.level]] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            name = node.args[0] if node.args else None
            yield str(name.value) if isinstance(name, ast.Constant) else "<a computed name>"


def own(path: Path) -> Iterator[str]:
    """What a file of the provider imports of the provider, below the package's name; its constants aside."""
    for name in imports(path, PROVIDER):
        if name.startswith(f"{PACKAGE}.") and name.removeprefix(f"{PACKAGE}.") not in CONSTANTS:
            yield name.removeprefix(f"{PACKAGE}.")


def layer(path: Path) -> str:
    return path.relative_to(PROVIDER).with_suffix("").parts[0]


def allowed(name: str, arrows: frozenset[str]) -> bool:
    return any(name == target or name.startswith(f"{target}.") for target in arrows)


def forbidden(path: Path, arrows: frozenset[str]) -> list[str]:
    """Imports against the arrows; ``from a.b import c`` counts as a.b where c is no module."""
    found = set(own(path))
    wrong = {name for name in found if not allowed(name, arrows)}
    # A package's own name stands for what is imported from it, unless that is itself allowed.
    return sorted(n for n in wrong if not any(o.startswith(f"{n}.") and allowed(o, arrows) for o in found - {n}))


@pytest.mark.parametrize("path", sources(PROVIDER), ids=lambda path: str(path.relative_to(PROVIDER)))
def test_each_layer_imports_only_what_is_to_its_right(path: Path) -> None:
    assert layer(path) in ARROWS, f"{path} belongs to no layer: give it one in ARROWS, by the design's layout"
    assert forbidden(path, ARROWS[layer(path)]) == []


@pytest.mark.parametrize(
    ("where", "statement", "wrong"),
    [
        ("framework/x.py", "from modelarts_provider.api import errors", ["api", "api.errors"]),
        ("framework/x.py", "def f():\n    import modelarts_provider.provider", ["provider"]),
        ("api/x.py", "from modelarts_provider.framework.cancellation import Cancel", []),
        ("api/x.py", "from modelarts_provider.framework import cancellation", []),
        (
            "api/x.py",
            "from modelarts_provider.framework.schema.paths import Path",
            ["framework.schema.paths", "framework.schema.paths.Path"],
        ),
        ("lifecycle/x.py", "import modelarts_provider.api.http.client", ["api.http.client"]),
        ("framework/protocol/x.py", "from modelarts_provider.framework.resource import Resource", []),
        (
            "framework/protocol/x.py",
            "from modelarts_provider.resources.notebook.resource import N",
            ["resources.notebook.resource", "resources.notebook.resource.N"],
        ),
        ("framework/render/x.py", "from ...provider import P", ["provider", "provider.P"]),
        ("resources/x.py", "from modelarts_provider import __version__", []),
        ("lifecycle/x.py", "import importlib\nimportlib.import_module('modelarts_provider.api')", ["api"]),
    ],
)
def test_a_wrong_arrow_is_found(where: str, statement: str, wrong: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control of the test above."""
    monkeypatch.setattr(sys.modules[__name__], "tree", lambda _: ast.parse(statement))
    path = PROVIDER / where
    assert forbidden(path, ARROWS[layer(path)]) == wrong


def leftward(path: Path, folder: str, rooms: tuple[str, ...]) -> list[str]:
    """Imports of rooms that stand to the left of a file's own."""
    inside = f"{folder.replace('/', '.')}."
    here = path.relative_to(PROVIDER / folder).with_suffix("").parts[0]
    left = rooms[: rooms.index(here)] if here in rooms else ()
    found = (name.removeprefix(inside).split(".")[0] for name in own(path) if name.startswith(inside))
    return sorted({room for room in found if room in left})


@pytest.mark.parametrize(
    ("path", "folder"),
    [(path, folder) for folder in ROOMS for path in sources(PROVIDER / folder)],
    ids=lambda value: str(value.relative_to(PROVIDER)) if isinstance(value, Path) else value,
)
def test_each_room_imports_only_what_is_to_its_right(path: Path, folder: str) -> None:
    assert leftward(path, folder, ROOMS[folder]) == []


def test_a_room_to_the_left_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = "from modelarts_provider.resources.notebook.apply import create"
    monkeypatch.setattr(sys.modules[__name__], "tree", lambda _: ast.parse(statement))
    folder = "resources/notebook"
    assert leftward(PROVIDER / folder / "plan" / "x.py", folder, ROOMS[folder]) == ["apply"]
    assert leftward(PROVIDER / folder / "resource.py", folder, ROOMS[folder]) == []


def strange_words(text: str) -> list[str]:
    """The lines that name what only this provider is about; import lines have to name the package."""
    lines = (line.strip() for line in text.lower().splitlines())
    return [
        line
        for line in lines
        if "notebook" in line
        or ("modelarts" in line and not line.startswith(("from modelarts_provider", "import mod")))
    ]


@pytest.mark.parametrize("path", sources(PROVIDER / "framework"), ids=lambda path: path.name)
def test_the_framework_knows_no_notebook(path: Path) -> None:
    assert strange_words(path.read_text(encoding="utf-8")) == []


def test_a_strange_word_is_found() -> None:
    text = "from modelarts_provider.framework import x\nA Notebook.\nlocal/modelarts\n"
    assert strange_words(text) == ["a notebook.", "local/modelarts"]


def roots(path: Path, package: Path) -> set[str]:
    return {name.split(".", 1)[0] for name in imports(path, package)}


@pytest.mark.parametrize("path", sources(PROVIDER / "framework"), ids=lambda path: path.name)
def test_the_framework_is_standard_library_only(path: Path) -> None:
    """But for the protocol, whose transport and values are libraries'."""
    libraries = {"grpclib", "h2", "msgpack"} if path.parent.name == "protocol" else set()
    assert roots(path, PROVIDER) - sys.stdlib_module_names - libraries <= {PACKAGE}


@pytest.mark.parametrize("path", sources(PROVIDER / "lifecycle"), ids=lambda path: path.name)
def test_lifecycle_knows_no_http(path: Path) -> None:
    assert roots(path, PROVIDER) & {"httpx", "http", "urllib", "socket", "ssl", "requests"} == set()


@pytest.mark.parametrize("path", sources(PROVIDER / "api"), ids=lambda path: path.name)
def test_the_api_client_knows_no_terraform(path: Path) -> None:
    names = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    assert names & {"Schema", "Attribute", "Diagnostics", "UNKNOWN", "PlanRequest", "ApplyRequest"} == set()


@pytest.mark.parametrize(
    ("package", "others"),
    [
        (PROVIDER, {"modelarts_constructs", "modelarts_emulator", "cdktf", "constructs", "pydantic"}),
        (EMULATOR, {"modelarts_provider", "modelarts_constructs", "cdktf", "constructs", "grpclib"}),
        (CONSTRUCTS, {"modelarts_provider", "modelarts_emulator", "httpx", "grpclib"}),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_the_three_packages_share_nothing(package: Path, others: set[str]) -> None:
    found = {str(path.relative_to(ROOT)): roots(path, package) & others for path in sources(package)}
    assert len(found) > 5
    assert {path: names for path, names in found.items() if names} == {}


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a statement loads, in a fresh interpreter."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("COV_", "TF_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=120
    )
    return set(json.loads(done.stdout))


HEAVY = {"httpx", "cdktf", "constructs", "jsii", "pydantic", *OURS[1:], "starlette", "uvicorn", "cryptography"}


@pytest.mark.parametrize(
    "statement",
    [
        "import modelarts_provider",
        "import modelarts_provider.cli",
        "import modelarts_provider.api",
        "import modelarts_provider.framework.protocol.process",
        "from modelarts_provider.cli import make_dispatch; make_dispatch()",
    ],
)
def test_what_a_start_does_not_load(statement: str) -> None:
    """Terraform starts the provider several times per command; only one of those is ever configured."""
    assert loaded_by(statement) & HEAVY == set()


def test_what_the_first_client_loads() -> None:
    """The positive control: httpx is seen when it is loaded."""
    assert "httpx" in loaded_by("import modelarts_provider.api.http.client")


def test_the_handshake_needs_neither_the_schema_nor_grpc() -> None:
    assert loaded_by("import modelarts_provider.cli") & {"grpclib", "msgpack", "asyncio", "typing", "argparse"} == set()


@pytest.mark.parametrize("name", ["provider", "constructs", "emulator", "tests"])
def test_source_roots_are_no_packages(name: str) -> None:
    assert not (ROOT / name / "__init__.py").exists()


def test_constructs_is_the_package_from_the_registry() -> None:
    code = "import constructs; print(constructs.__file__); constructs.Construct"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, timeout=120
    )
    assert ROOT / "constructs" not in Path(done.stdout.strip()).parents


def written() -> list[Path]:
    folders = (PROVIDER, CONSTRUCTS, EMULATOR, ROOT / "tests", ROOT / "tools", ROOT / "examples")
    return [path for folder in folders for path in sources(folder) if path not in GENERATED]


def test_generated_files_are_where_they_are_expected() -> None:
    assert [path for path in GENERATED if not path.exists()] == []


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring, which may explain as many arguments as there are."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and ast.get_docstring(node)
    words = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - words


@pytest.mark.parametrize("path", written(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= MOST_FILE_LINES
    functions = [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert {each.name: code_lines(each) for each in functions if code_lines(each) > MOST_FUNCTION_LINES} == {}


def test_the_length_of_a_function_leaves_its_docstring_out() -> None:
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n\ndef g():\n    a = 1\n\n    return a\n'
    functions = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    assert [code_lines(each) for each in functions] == [2, 4]


def test_no_two_test_files_share_a_name() -> None:
    """tests is no package: modules of one name would hide each other."""
    names = Counter(path.name for path in sources(ROOT / "tests") if path.name != "conftest.py")
    assert [name for name, times in names.items() if times > 1] == []
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_test_files_hide_no_installed_module() -> None:
    stems = {path.stem for path in sources(ROOT / "tests")} - {"conftest"}
    assert stems & sys.stdlib_module_names == set()
    assert stems & {"grpc", "httpx", "msgpack", "cdktf", "constructs", "tf", *OURS} == set()
