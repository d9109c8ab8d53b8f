"""What the counts and the wheel's test share: the tools from the repository's root, an emulator, an environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from modelarts_emulator.testing import running_emulator

ROOT = Path(__file__).resolve().parent.parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))


@pytest.fixture
def emulator():
    with running_emulator() as control:
        yield control


@pytest.fixture
def clean_env(tmp_path):
    """Nothing of the caller's settings, and a home of its own."""
    foreign = ("TF_", "HW_", "HUAWEICLOUD_", "CDKTF_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
