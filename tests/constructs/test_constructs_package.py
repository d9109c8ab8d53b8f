"""The package as users see it: what it exports and documents, what it imports, which CDK library it takes."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import modelarts_constructs
from modelarts_constructs import _cdk, testing
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1 import _base
from modelarts_provider.framework.render.names import RESERVED

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "constructs" / "modelarts_constructs"
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_exported_names():
    assert sorted(modelarts_constructs.__all__) == [
        "AutoStop",
        "ConstructError",
        "Endpoint",
        "Hook",
        "INotebook",
        "ModelartsProvider",
        "Notebook",
        "Storage",
        "expression",
    ]
    assert all(hasattr(modelarts_constructs, name) for name in modelarts_constructs.__all__)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_module_imports_nothing_of_the_provider_and_the_cdk_in_one_place(path):
    names = set(imported(path))
    assert not names & {"modelarts_provider", "modelarts_emulator"}
    assert not names & {"cdktf", "cdktn", "constructs", "jsii"} or path.name == "_cdk.py"


def test_provider_and_renderers_never_import_the_cdk():
    program = (
        "import sys, modelarts_provider.provider, modelarts_provider.cli, modelarts_provider.framework.render.constructs\n"
        "import modelarts_provider.framework.render.docs, modelarts_provider.framework.render.schema_json\n"
        "print(sorted({'cdktf', 'cdktn', 'jsii', 'constructs', 'pydantic', 'modelarts_constructs'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def public_definitions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    pending = [(path.stem, tree)]
    while pending:
        above, node = pending.pop()
        for child in getattr(node, "body", []):
            if isinstance(child, ast.ClassDef | ast.FunctionDef) and not child.name.startswith("_"):
                if any(getattr(decorator, "attr", "") == "setter" for decorator in child.decorator_list):
                    continue  # the getter has the words
                yield f"{above}.{child.name}", child
                if isinstance(child, ast.ClassDef):
                    pending.append((f"{above}.{child.name}", child))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_everything_public_has_a_docstring_and_its_arguments_are_in_it(path):
    for name, node in public_definitions(path):
        text = ast.get_docstring(node) or ""
        assert text, f"{name} has no docstring"
        init = next((item for item in getattr(node, "body", []) if getattr(item, "name", "") == "__init__"), None)
        if init is not None and ast.get_docstring(init):
            arguments = [argument.arg for argument in init.args.kwonlyargs]
            missing = [argument for argument in arguments if f"{argument}:" not in (ast.get_docstring(init) or "")]
            assert not missing, f"{name}: {missing} have no words"


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if not any(part.startswith("_") for part in path.relative_to(PACKAGE).parts)]
    + [PACKAGE / "_notebook_methods.py"],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_every_argument_of_a_public_function_or_method_has_words(path):
    for name, node in public_definitions(path):
        if not isinstance(node, ast.FunctionDef):
            continue
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        names = [argument.arg for argument in given if argument is not None and argument.arg not in {"self", "cls"}]
        missing = [each for each in names if f"{each}:" not in (ast.get_docstring(node) or "")]
        assert not missing, f"{name}: {missing} have no words"


def test_every_public_name_and_its_public_members_have_a_docstring():
    exported = [modelarts_constructs, testing]
    for module in exported:
        for name in module.__all__:
            public = getattr(module, name)
            assert inspect.getdoc(public) or not inspect.isclass(public), name
            for member, value in vars(public).items() if inspect.isclass(public) else ():
                if callable(value) and not member.startswith("_"):
                    assert inspect.getdoc(value), f"{name}.{member}"


@pytest.mark.parametrize("made", [modelarts_constructs.ModelartsProvider, modelarts_constructs.Notebook])
def test_constructors_document_every_argument(made):
    text = inspect.getdoc(made.__init__)
    for argument in inspect.signature(made.__init__).parameters:
        assert argument == "self" or f"{argument}:" in text, argument


def test_reserved_names_are_the_members_that_there_are():
    classes = (
        cdktf.TerraformResource,
        cdktf.TerraformDataSource,
        cdktf.TerraformProvider,
        _base.ResourceBase,
        _base.ProviderBase,
    )
    members = {name for made in classes for name in dir(made) if not name.startswith("_")}
    assert members - RESERVED == set()
    assert RESERVED - members == set()


@pytest.mark.parametrize(
    ("environment", "imported_already", "installed", "chosen"),
    [
        ({}, (), ("cdktf", "cdktn"), "cdktf"),
        ({}, (), ("cdktn",), "cdktn"),
        ({}, ("cdktn",), ("cdktf", "cdktn"), "cdktn"),
        ({"MODELARTS_CDK": "cdktn"}, ("cdktf",), ("cdktf", "cdktn"), "cdktn"),
        ({"MODELARTS_CDK": ""}, (), ("cdktf",), "cdktf"),
    ],
)
def test_choice_of_the_library(environment, imported_already, installed, chosen):
    assert _cdk.choose(environment, imported_already, installed.__contains__) == chosen


@pytest.mark.parametrize(
    ("environment", "installed", "message"),
    [
        ({}, (), r"need cdktf or cdktn and neither is installed: pip install"),
        ({"MODELARTS_CDK": "cdktn"}, ("cdktf",), "MODELARTS_CDK=cdktn: it must name an installed library"),
        ({"MODELARTS_CDK": "awscdk"}, ("cdktf",), "MODELARTS_CDK=awscdk: it must name an installed library"),
    ],
)
def test_no_library(environment, installed, message):
    with pytest.raises(ImportError, match=message):
        _cdk.choose(environment, (), installed.__contains__)


def test_these_tests_run_on_the_library_that_was_asked_for():
    asked = os.environ.get("MODELARTS_CDK") or next(name for name in _cdk.LIBRARIES if _cdk.is_installed(name))
    assert cdktf.__name__ == asked


def test_node(monkeypatch):
    assert _cdk.node_binary({"JSII_NODE": "/a/node"}, lambda _: "/b/node") == "/a/node"
    assert _cdk.node_binary({}, lambda _: "/b/node") == "/b/node"
    monkeypatch.setattr(_cdk.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"needs Node\.js 20 or 22 and there is no `node`: pip install"):
        _cdk.node_binary({}, lambda _: None)


def test_the_folder_is_no_package_and_the_library_is_the_installed_one():
    import constructs  # noqa: PLC0415 - where it comes from is what is tested

    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert ROOT / "constructs" not in Path(constructs.__file__).parents
