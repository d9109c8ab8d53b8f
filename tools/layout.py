"""Where things lie in a checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "set-up"
# Holds `node`, `npm` and `terraform` where the machine's own won't do; it comes first on PATH.
TOOLS_BIN = VENV / "tools-bin"
TOOLCHAIN = STAMPS / "toolchain.json"
NODE_MODULES = ROOT / "node_modules"
DEMO = ROOT / ".demo"
