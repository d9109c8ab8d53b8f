"""What the figures were measured on, without anything that identifies the machine or its user."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.calls import capture
from tools.layout import ROOT
from tools.toolchain import dotted, node_version, terraform_version

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEASURED_SOURCES = ("provider", "constructs", "emulator", "tools/bench")


@dataclass(frozen=True)
class Circumstances:
    """When, what and where was measured.

    Attributes:
        facts: Lines of the report, by name.
    """

    facts: Mapping[str, str]

    def later(self) -> Circumstances:
        """The same with what is known at the end: how busy the machine was meanwhile."""
        return Circumstances({**self.facts, "load after": f"{os.getloadavg()[0]:.1f}"})


def look(terraform: str, node: str) -> Circumstances:
    """Finds out what the report says about the run.

    Args:
        terraform: The Terraform that is measured.
        node: The Node that cdktf runs.
    """
    load = os.getloadavg()
    return Circumstances(
        {
            "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
            "commit": _commit(),
            "processor": f"{os.cpu_count()} cores, {_processor()}",
            "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
            "system": f"{platform.system()} {platform.machine()}",
            "load before": f"{load[0]:.1f}",
            "Python": platform.python_version(),
            "Terraform": _version(terraform),
            "Node": _version(node),
        }
    )


def _commit() -> str:
    commit = capture(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT)
    if commit.code != 0:
        return "not a git checkout"
    changes = capture(["git", "status", "--porcelain", "--", *_MEASURED_SOURCES], cwd=ROOT)
    return commit.text.strip() + (" and changes that are not committed" if changes.text.strip() else "")


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def _version(program: str) -> str:
    text = capture([program, "--version"], cwd=ROOT, timeout=60).text
    version = node_version(text) or terraform_version(text)
    return dotted(version) if version else "unknown"
