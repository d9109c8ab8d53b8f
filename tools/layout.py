"""Where things lie in a checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
TOOLS_BIN = VENV / "tools-bin"  # `node`, `npm`, `terraform` or `tofu`: those that were chosen; it comes first on PATH
CDKTN = VENV / "cdktn"  # the environment of `make test-cdktn`
NODE_MODULES = ROOT / "node_modules"
DEMO = ROOT / ".demo"
