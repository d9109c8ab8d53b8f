"""Templates of registry pages: Markdown with ``{{ .Name }}``, ``{{ tffile "path" }}`` and ``{{ codefile "shell" "path" }}``.

The notation is the one that the registry's own generator uses, reduced to what the pages need.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_ACTION: Final = re.compile(r"\{\{(?P<action>[^{}]+)\}\}")
_VALUE: Final = re.compile(r"\.(?P<name>\w+)(?:\s*\|\s*trimspace)?")
_FILE: Final = re.compile(r'(?:tffile|codefile\s+"(?P<language>\w+)")\s+"(?P<path>[^"]+)"')


def fill(template: str, values: Mapping[str, str], files: Mapping[str, str]) -> str:
    """The template with its actions replaced.

    Args:
        template: The text of the page.
        values: What ``{{ .Name }}`` stands for.
        files: Texts that ``tffile`` and ``codefile`` show, by path in the repository.

    Raises:
        ValueError: an action names something that there isn't.
    """

    def replace(match: re.Match[str]) -> str:
        action = match["action"].strip()
        value, shown = _VALUE.fullmatch(action), _FILE.fullmatch(action)
        if value and value["name"] in values:
            return values[value["name"]]
        if shown and shown["path"] in files:
            return code_block(shown["language"] or "terraform", files[shown["path"]])
        msg = f"the template has {match[0]}, and there is no such value, file or action"
        raise ValueError(msg)

    return _ACTION.sub(replace, template).rstrip() + "\n"


def code_block(language: str, text: str) -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"
