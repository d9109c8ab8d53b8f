"""The import id: ``[region/[project_id/]]<id or exact name>``, on the command line, in import blocks and in constructs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from modelarts_provider.api.http import addresses

EXAMPLE: Final = "5f5a0cf4-9c7d-4b5b-a3c9-0a4f8b6d1c2e"
FORM: Final = (
    "An import id is [region/[project_id/]]<id or exact name>, such as "
    f"{EXAMPLE}, train, cn-north-4/train or cn-north-4/0123456789abcdef0123456789abcdef/{EXAMPLE}."
)

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_REGION: Final = re.compile(addresses.REGION)
_PROJECT: Final = re.compile(addresses.PROJECT_ID)
_LONGEST_NAME: Final = 128


@dataclass(frozen=True, slots=True)
class ImportId:
    """What a user wants imported.

    Attributes:
        instance: The id of an instance, or its exact name.
        region: Where it is, None for the provider's.
        project_id: The project in it, None for the provider's in its region, or the one that a look-up finds.
    """

    instance: str
    region: str | None = None
    project_id: str | None = None

    @property
    def is_id(self) -> bool:
        """Whether ``instance`` is an id. Nobody can tell it from a name that looks like one."""
        return bool(_UUID.fullmatch(self.instance))


def import_id(text: str) -> ImportId | str:
    """The parts of an import id, or a text that says what is wrong with it."""
    *location, instance = text.split("/")
    region, project_id = [*location, None, None][:2]
    wrong = ""
    if len(location) > len(("region", "project_id")):
        wrong = f"it has {len(location) + 1} parts, and three are the most. A name with a slash can't be told from them"
    elif region is not None and not _REGION.fullmatch(region):
        wrong = f"{region!r} is not a region"
    elif project_id is not None and not _PROJECT.fullmatch(project_id):
        wrong = f"{project_id!r} is not a project id, which has 32 letters and digits"
    elif not _can_be_name(instance):
        wrong = f"{instance!r} can't be the name of one"
    if wrong:
        return f"{text!r} is not the id of a notebook instance: {wrong}. {FORM} Nothing was imported."
    return ImportId(instance, region, project_id.lower() if project_id else None)


def _can_be_name(text: str) -> bool:
    """Whether an instance may have this name. The console takes more than a create's rule allows, so this refuses little."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable() and text == text.strip()
