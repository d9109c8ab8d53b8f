"""Rules of a start hook, and its form in the API (documented as CustomHooks, ContainerHooks and Config)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from modelarts_provider.framework.schema.paths import ROOT
from modelarts_provider.framework.schema.validators import Problem
from modelarts_provider.framework.schema.values import UNKNOWN, Values

EXAMPLE: Final = "/home/ma-user/work/init.sh"
OR_COMMAND: Final = 'For a command, set type = "COMMAND" and script = base64encode(...)'
ENCODE: Final = "write base64encode(...) in Terraform, or Hook.command(...) in the constructs"


@dataclass(frozen=True, slots=True)
class HookScript:
    """``script`` fits ``type``: Base64 text for COMMAND, an absolute path for SCRIPT (the default)."""

    def describe(self) -> str:
        """What is allowed."""
        return "have a `script` that is Base64 text (`COMMAND`) or an absolute path (`SCRIPT`)"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem where the script doesn't fit the type; one that isn't known yet is checked later."""
        kind, script = value["type"], value["script"]
        if kind is UNKNOWN or script is UNKNOWN or script is None:
            return
        at = ROOT.name("script")
        if kind == "COMMAND" and not is_base64(script):
            yield at, f"must be Base64 text because type is COMMAND: {ENCODE}"
        if kind in (None, "SCRIPT") and not is_absolute_path(script):
            yield at, f"must be an absolute path such as {EXAMPLE} because type is SCRIPT. {OR_COMMAND}"


def is_base64(text: str) -> bool:
    """Whether the text is non-empty Base64 with neither too little nor too much padding."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(decoded) and len(text) == len(base64.b64encode(decoded))


def is_absolute_path(text: str) -> bool:
    """Whether the text is the absolute path of a file, on one line."""
    return text.startswith("/") and not text.endswith("/") and "\n" not in text and "\x00" not in text


def hooks_to_api(hooks: Values | None) -> Values:
    """The ``hooks`` of a request. None, or an object without hooks, clears them."""
    present = {when: hook for when, hook in (hooks or {}).items() if hook is not None}
    return {"container_hooks": {when: _hook(hook) for when, hook in sorted(present.items())}}


def _hook(hook: Values) -> Values:
    return {name: hook[name] for name in ("type", "script", "mode") if hook[name] is not None}
