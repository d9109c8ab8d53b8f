"""What ``cdktf get`` makes of the provider without a network, beside our L1. Run by ``make test-languages``."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest
from outside_programs import NODE_MODULES, ROOT, run

L1 = ROOT / "constructs" / "modelarts_constructs" / "l1"
EXAMPLE = ROOT / "examples" / "typescript"
META = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"}
SCALARS = {
    "str": "text",
    "float": "number",
    "Number": "number",
    "bool": "flag",
    "Flag": "flag",
    "IResolvable": "flag",
    "StringMap": "texts by key",
}


def kind(annotation: ast.expr | None) -> str:
    """An annotation of either side, as what it stands for in Terraform."""
    assert annotation is not None
    text = re.sub(r"\b(builtins|jsii|typing|cdktf|_cdktf_\w+)\.|['\"]", "", ast.unparse(annotation))
    text = text.replace(" | None", "").replace("ModelartsProvider", "Modelarts")
    text = re.sub(r"^NotRequired\[(.*)\]$", r"\1", text).replace(" | None", "").removesuffix(" | Expression")
    text = re.sub(r"^Optional\[(.*)\]$", r"\1", text)
    text = text.replace(", Dict[str, Any]]", "]").replace("Union[IResolvable, ", "Union[")
    text = {"Union[bool, IResolvable]": "bool"}.get(text, text)
    text = re.sub(r"Union\[([^,\[\]]+)\]", r"\1", text)
    text = re.sub(r"^Union\[(.*)\]$", r"\1", text)
    if text in SCALARS:
        return SCALARS[text]
    if found := re.fullmatch(r"(?:Many|list|List|Sequence|ListReference)\[(\w+)\]", text):
        return f"list of {SCALARS.get(found[1], bare(found[1]))}"
    if found := re.fullmatch(r"(?:Mapping|dict)\[str, (\w+)\]|MapReference\[(\w+)\]", text):
        element = found[1] or found[2]
        return "texts by key" if element == "str" else f"map of {bare(element)}"
    if text.endswith(("List", "Map")):
        return f"{'list' if text.endswith('List') else 'map'} of {text.removesuffix('List').removesuffix('Map')}"
    return bare(text)


def bare(name: str) -> str:
    return name.removesuffix("OutputReference").removesuffix("Reference")


def classes(path: Path) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}


def arguments(node: ast.ClassDef) -> dict[str, tuple[str, bool]]:
    """Kind of each keyword argument, and whether it is required."""
    init = next((each for each in node.body if getattr(each, "name", "") == "__init__"), None)
    if init is None:
        return {}
    pairs = zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True)
    return {a.arg: (kind(a.annotation), default is None) for a, default in pairs if a.arg not in META}


def members(node: ast.ClassDef) -> dict[str, tuple[str, bool]]:
    """Kind of each member of a TypedDict, and whether it is required."""
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    return {f.target.id: (kind(f.annotation), "NotRequired" not in ast.unparse(f.annotation)) for f in fields}


def attributes(node: ast.ClassDef) -> dict[str, str]:
    """Kind of each property that reads an attribute."""
    return {
        each.name: kind(each.returns)
        for each in node.body
        if isinstance(each, ast.FunctionDef)
        and any(getattr(d, "id", getattr(d, "attr", "")) == "property" for d in each.decorator_list)
        and not each.name.startswith("_")
        and not each.name.endswith("_input")
        and each.name != "internal_value"
    }


@pytest.fixture(scope="module")
def theirs(bindings):
    folder = bindings["python"] / "modelarts"
    found = {**classes(folder / "notebook" / "__init__.py"), **classes(folder / "provider" / "__init__.py")}
    return {name.replace("ModelartsProvider", "Modelarts"): node for name, node in found.items()}


OURS = {**classes(L1 / "notebook.py"), **classes(L1 / "provider.py")}
TYPED_DICTS = [name for name, node in OURS.items() if ast.unparse(node.bases[0]) == "TypedDict"]
REFERENCES = [name for name, node in OURS.items() if ast.unparse(node.bases[0]) == "Reference"]


def test_arguments_of_the_resource(theirs):
    assert arguments(OURS["NotebookResource"]) == arguments(theirs["Notebook"])


def test_arguments_of_the_provider(theirs):
    ours = arguments(OURS["ModelartsProvider"])
    assert {name: ours[name] for name in ours.keys() - {"source", "version"}} == arguments(theirs["Modelarts"])


def test_attributes_of_the_resource(theirs):
    assert attributes(OURS["NotebookAttributes"]) == attributes(theirs["Notebook"])


@pytest.mark.parametrize("name", TYPED_DICTS)
def test_members_of_nested_arguments(theirs, name):
    assert members(OURS[name]) == arguments(theirs[name])


@pytest.mark.parametrize("name", REFERENCES)
def test_attributes_of_nested_references(theirs, name):
    assert attributes(OURS[name]) == attributes(theirs[name.removesuffix("Reference") + "OutputReference"])


def test_nothing_of_theirs_is_missing(theirs):
    suffixes = ("OutputReference", "Config", "List", "Map")
    plain = {name for name in theirs if not name.endswith(suffixes)} - {"Notebook", "Modelarts"}
    ours = set(TYPED_DICTS) | {bare(name) for name in REFERENCES}
    assert plain == ours


def test_the_typescript_example_type_checks(bindings, tmp_path):
    for file in ("main.ts", "tsconfig.json"):
        shutil.copy(EXAMPLE / file, tmp_path / file)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / ".gen").symlink_to(bindings["typescript"])
    run([NODE_MODULES / ".bin" / "tsc", "--noEmit", "-p", "."], tmp_path)
    text = (tmp_path / "main.ts").read_text()
    (tmp_path / "main.ts").write_text(text.replace("size: 50", 'size: "50"'))
    with pytest.raises(AssertionError, match="TS2322"):
        run([NODE_MODULES / ".bin" / "tsc", "--noEmit", "-p", "."], tmp_path)
