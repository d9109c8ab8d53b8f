"""Rules across the members of ``storage``, and its form in a create request (documented as VolumeReq)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from modelarts_provider.framework.schema.paths import ROOT
from modelarts_provider.framework.schema.validators import Between, Problem
from modelarts_provider.framework.schema.values import UNKNOWN, Values

API_NAMES: Final = {"size": "capacity"}
EVS_LEAST_GB: Final = 5
EVS_MOST_GB: Final = 4096
EVS_SIZE: Final = Between(EVS_LEAST_GB, EVS_MOST_GB, "(GB)")
OBJECT_STORAGE: Final = ("OBS", "OBSFS")


@dataclass(frozen=True, slots=True)
class StorageRules:
    """What goes together, from the notebook API's create request (volume) and its live answers."""

    def describe(self) -> str:
        """What is allowed."""
        return (
            f"have members that fit its `category` and `ownership`: `size` ({EVS_LEAST_GB} to {EVS_MOST_GB} GB) for EVS, "
            "`uri` for DEDICATED, `id` for a DEDICATED EFS, `dew_secret_name` for OBS and OBSFS"
        )

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem for each member that doesn't fit the category and the ownership."""
        category, ownership = value["category"], value["ownership"]
        if category is UNKNOWN or ownership is UNKNOWN:
            return
        category, ownership = category or "EVS", ownership or "MANAGED"
        if category == "EVS" and value["size"] is not None and value["size"] is not UNKNOWN:
            yield from ((ROOT.name("size"), problem) for _, problem in EVS_SIZE.check(value["size"]))
        yield from _own(value, category, ownership)
        if category in OBJECT_STORAGE and ownership == "MANAGED":
            yield ROOT.name("ownership"), f"must be DEDICATED for {category}: the service offers no managed one"
        if category == "EVS" and ownership == "DEDICATED":
            yield ROOT.name("ownership"), "must be MANAGED for EVS: the service offers no dedicated disk"
        if category in OBJECT_STORAGE and value["dew_secret_name"] is None:
            yield ROOT.name("dew_secret_name"), f"is required for {category}: the secret with the access key"
        if category not in OBJECT_STORAGE and value["dew_secret_name"] not in (None, UNKNOWN):
            yield ROOT.name("dew_secret_name"), f"applies to OBS and OBSFS only, and category is {category}"


def _own(value: Values, category: str, ownership: str) -> Iterator[Problem]:
    if ownership == "DEDICATED":
        if value["uri"] is None:
            yield ROOT.name("uri"), "is required where ownership is DEDICATED"
        if category == "EFS" and value["id"] is None:
            yield ROOT.name("id"), "is required for EFS where ownership is DEDICATED"
        return
    for name in ("uri", "id"):
        if value[name] not in (None, UNKNOWN):
            yield ROOT.name(name), "applies to your own storage only: set ownership to DEDICATED or leave it out"


def storage_to_api(storage: Values) -> Values:
    """The ``volume`` of a create request: what is set, under the API's names; size is ``capacity`` there."""
    volume = {
        API_NAMES.get(name, name): storage[name]
        for name in ("category", "ownership", "size", "uri", "id", "dew_secret_name")
        if storage[name] is not None and storage[name] is not UNKNOWN
    }
    return volume | ({"id": volume["id"].lower()} if "id" in volume else {})
