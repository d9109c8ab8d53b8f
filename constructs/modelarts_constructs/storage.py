"""The storage of a notebook's work directory."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Strict, model_validator

from modelarts_constructs._checks import TOKENS, UUID, WHOLE, Value
from modelarts_constructs._rules import length, one_of
from modelarts_constructs._tokens import is_token

OBJECT_STORAGE: Final = ("OBS", "OBSFS")
SMALLEST: Final = 5
LARGEST: Final = 4096
"""GB of a disk (notebook API, create request, volume)."""


class Storage(Value):
    """Where a notebook keeps its work directory: ``Storage.evs(size=50)``, ``.efs(...)``, ``.obs(...)``, ``.obsfs(...)``.

    ``Storage(category="SFS")`` stands for what old instances have: it can be imported, and not be created.
    """

    category: Annotated[str, Strict(), one_of("EVS", "EFS", "OBS", "OBSFS", "SFS"), TOKENS] | None = None
    ownership: Annotated[str, Strict(), one_of("MANAGED", "DEDICATED"), TOKENS] | None = None
    size: Annotated[int, Strict(), WHOLE, TOKENS] | None = None
    uri: Annotated[str, Strict(), length(1, 1024), TOKENS] | None = None
    id: UUID | None = None
    dew_secret_name: Annotated[str, Strict(), length(1, 64), TOKENS] | None = None

    @classmethod
    def evs(cls, size: float | None = None) -> Storage:
        """A disk of the service.

        Args:
            size: GB, 5 to 4096. It can grow in place and never shrink. Unset: the service's choice at create, and whatever is
                there later.
        """
        return cls._checked(category="EVS", size=size)

    @classmethod
    def efs(cls, *, uri: str | None = None, id: str | None = None) -> Storage:  # noqa: A002 - the attribute's name
        """SFS Turbo: the service's own, or yours where ``uri`` and ``id`` name it.

        Args:
            uri: Address of your file system.
            id: Id (UUID) of your file system.
        """
        ownership = None if uri is None and id is None else "DEDICATED"
        return cls._checked(category="EFS", ownership=ownership, uri=uri, id=id)

    @classmethod
    def obs(cls, *, uri: str, dew_secret_name: str) -> Storage:
        """A bucket of yours in object storage.

        Args:
            uri: Address of the folder, such as ``obs://bucket/folder/``.
            dew_secret_name: Name of the secret that holds the access key for it.
        """
        return cls._checked(category="OBS", ownership="DEDICATED", uri=uri, dew_secret_name=dew_secret_name)

    @classmethod
    def obsfs(cls, *, uri: str, dew_secret_name: str) -> Storage:
        """A parallel file system of yours in object storage.

        Args:
            uri: Address of the folder, such as ``obs://file-system/folder/``.
            dew_secret_name: Name of the secret that holds the access key for it.
        """
        return cls._checked(category="OBSFS", ownership="DEDICATED", uri=uri, dew_secret_name=dew_secret_name)

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if is_token(self.category) or is_token(self.ownership):
            return self
        for problem in _mismatches(self, self.category or "EVS", self.ownership or "MANAGED"):
            raise ValueError(problem)
        return self


def _mismatches(storage: Storage, category: str, ownership: str) -> list[str]:
    """What doesn't fit the category and the ownership (notebook API, create request, volume)."""
    dedicated = ownership == "DEDICATED"
    rules = [
        (
            category == "EVS" and isinstance(storage.size, int) and not SMALLEST <= storage.size <= LARGEST,
            f"size is {storage.size}: must be a whole number from {SMALLEST} to {LARGEST} (GB)",
        ),
        (dedicated and category == "EVS", "the service offers no dedicated disk: ownership must be MANAGED for EVS"),
        (
            not dedicated and category in OBJECT_STORAGE,
            f"the service offers no managed {category}: ownership must be DEDICATED",
        ),
        (dedicated and storage.uri is None, "uri is required for storage of your own (DEDICATED)"),
        (dedicated and category == "EFS" and storage.id is None, "id is required for an EFS of your own (DEDICATED)"),
        (not dedicated and storage.uri is not None, "uri applies to storage of your own (DEDICATED) only"),
        (not dedicated and storage.id is not None, "id applies to storage of your own (DEDICATED) only"),
        (
            category in OBJECT_STORAGE and storage.dew_secret_name is None,
            f"dew_secret_name is required for {category}: the secret with the access key",
        ),
        (
            category not in OBJECT_STORAGE and storage.dew_secret_name is not None,
            f"dew_secret_name applies to OBS and OBSFS only, and category is {category}",
        ),
    ]
    return [words for wrong, words in rules if wrong]
