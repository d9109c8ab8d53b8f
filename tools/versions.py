"""Which Node and which Terraform will do: pure rules over what the machine's programs say of themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The cdktf CLI loads a native module that is prebuilt for Node 17 to 22, and crashes where it is missing (24 and later).
NODE_MAJORS = (22, 20)
# Terraform 1.8 is the first with the protocol features that the provider uses; OpenTofu counts its versions alike.
OLDEST_TERRAFORM = (1, 8, 0)

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Candidate:
    """A program found on PATH.

    Attributes:
        path: Where it lies.
        name: The name that it was looked up by: `node`, `terraform`, `tofu`.
        version: What it says it is; None when it doesn't start or says nothing that can be read.
    """

    path: Path
    name: str
    version: Version | None


def node_version(text: str) -> Version | None:
    """Reads what `node --version` printed: `v22.20.0`."""
    return _first_version(r"^v(\d+)\.(\d+)\.(\d+)", text)


def terraform_version(text: str) -> Version | None:
    """Reads what `terraform version` or `tofu version` printed: `Terraform v1.11.4` in some line."""
    return _first_version(r"^(?:Terraform|OpenTofu) v(\d+)\.(\d+)\.(\d+)", text)


def choose_node(candidates: Iterable[Candidate]) -> Candidate | None:
    """Picks the first Node that cdktf runs on, in the order of PATH; None where there is none."""
    return next((found for found in candidates if found.version and found.version[0] in NODE_MAJORS), None)


def choose_terraform(candidates: Iterable[Candidate]) -> Candidate | None:
    """Picks the first Terraform that is new enough, in the order of PATH, else the first OpenTofu that is."""
    usable = [found for found in candidates if found.version and found.version >= OLDEST_TERRAFORM]
    return min(usable, key=lambda found: found.name != "terraform", default=None)


def describe(candidates: Iterable[Candidate]) -> str:
    """Lists programs for a message: `/usr/bin/node 24.1.0, /opt/node (does not start)`, or `none`."""
    texts = [f"{found.path} {dotted(found.version) if found.version else '(does not start)'}" for found in candidates]
    return ", ".join(texts) or "none"


def dotted(version: Version) -> str:
    """Writes a version as people do: `1.11.4`."""
    return ".".join(str(part) for part in version)


def _first_version(pattern: str, text: str) -> Version | None:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        return None
    major, minor, patch = found.groups()
    return int(major), int(minor), int(patch)
