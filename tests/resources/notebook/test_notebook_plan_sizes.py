"""A size for storage that has its own is refused by the plan of an update as well, and what is there is no such size."""

from __future__ import annotations

from typing import Any

import pytest
from notebook_values import configured, errors, plan, state

EFS = {"volume": {"category": "EFS", "ownership": "MANAGED", "capacity": 50, "mount_path": "/home/ma-user/work/"}}


@pytest.mark.parametrize(("size", "refused"), [(None, False), (50, False), (60, True), (40, True)])
def test_an_update_of_storage_that_has_its_own_size(size: int | None, refused: bool) -> None:
    storage: dict[str, Any] = {"category": "EFS"}
    prior = state(EFS, storage=storage)
    answer = plan(configured(storage=storage | {"size": size}), prior)
    assert [str(error.path) for error in errors(answer)] == ["storage.size"] * refused
