"""What an import takes: ``[region/[project_id/]]<id or exact name>``, checked at the line that wrote it."""

from __future__ import annotations

import re
from typing import Final

from modelarts_constructs._cdk import cdktf
from modelarts_constructs._tokens import is_token
from modelarts_constructs.errors import shown

FORM: Final = "must be [region/[project_id/]]<id or exact name>, such as train or cn-north-4/train"

_REGION: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PROJECT: Final = re.compile(r"[0-9a-zA-Z]{32}")
_LONGEST_NAME: Final = 128
_PARTS: Final = 3


def wrong_import(name: str, import_id: object, provider: object) -> str:
    """What is wrong with the arguments of an import; empty where nothing is. A token passes.

    Args:
        name: What the argument with the import id is called.
        import_id: The import id.
        provider: The provider to use, None for the default one.
    """
    if not isinstance(import_id, str) or not import_id:
        return f"{name} is {shown(import_id)}: must be the id of an instance, or its exact name"
    if not is_token(import_id) and (wrong := _wrong_part(import_id)):
        return f"{name} is {shown(import_id)}: {wrong}: {FORM}"
    if provider is not None and not isinstance(provider, cdktf.TerraformProvider):
        return f"provider is {shown(provider)}: must be the provider itself, such as ModelartsProvider(...)"
    return ""


def _wrong_part(import_id: str) -> str:
    *location, instance = import_id.split("/")
    if len(location) >= _PARTS:
        return f"it has {len(location) + 1} parts, and a name with a slash can't be told from them"
    if location and not _REGION.fullmatch(location[0]):
        return f"{shown(location[0])} is not a region"
    if location[1:] and not _PROJECT.fullmatch(location[1]):
        return f"{shown(location[1])} is not a project id, which has 32 letters and digits"
    can_be_name = 0 < len(instance) <= _LONGEST_NAME and instance.isprintable() and instance == instance.strip()
    return "" if can_be_name else f"{shown(instance)} can't be the id or the name of an instance"
