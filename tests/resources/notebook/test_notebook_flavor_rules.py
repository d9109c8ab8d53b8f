"""What fits what, as far as the emulator's catalog has no example of it."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.framework.diagnostics import Diagnostics, Severity
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.notebook.plan.flavor_check import Choice, _judge

FLAVOR = {"id": "f", "arch": "x86_64", "category": "CPU", "storages": ["EVS", "OBS"], "evs_max_size": "100"}
IMAGE = {"id": "i", "arch": "X86_64", "resource_categories": ["CPU"]}


def judged(
    *, flavor: dict[str, Any] | None = None, image: dict[str, Any] | None = None, storage: Any = None
) -> list[tuple[Severity, str]]:
    planned = {
        "name": "nb",
        "flavor": "f",
        "image_id": "i",
        "region": "here",
        "adopt_existing": False,
        "storage": {"category": "EVS", "size": 50} | storage if isinstance(storage, dict) else UNKNOWN,
    }
    offered = {"f": FLAVOR | (flavor or {}), "g": FLAVOR | {"id": "g", "evs_max_size": "4096"}}
    found = Diagnostics()
    _judge(Choice(None, planned, offered, image), found)
    return [(each.severity, " ".join((each.summary, each.detail))) for each in found]


@pytest.mark.parametrize(
    ("flavor", "image", "storage"),
    [
        ({}, IMAGE, {}),
        ({}, IMAGE, UNKNOWN),
        ({}, None, {}),
        ({}, {"id": "i"}, {}),
        ({"arch": None, "category": None, "storages": None, "evs_max_size": None}, IMAGE, {}),
        ({}, IMAGE, {"category": "OBSFS"}),
        ({"storages": ["OBSFS"]}, IMAGE, {"category": "OBS"}),
        ({"category": "GPU"}, IMAGE | {"support_res_categories": ["CPU", "GPU"]}, {}),
        ({}, IMAGE, {"size": UNKNOWN}),
        ({}, IMAGE, {"size": 100}),
        ({"evs_max_size": "plenty"}, IMAGE, {"size": 4096}),
        ({}, IMAGE, {"category": "EFS", "size": 4096} | {"category": UNKNOWN}),
    ],
    ids=str,
)
def test_what_fits_or_is_not_said(flavor: dict[str, Any], image: dict[str, Any] | None, storage: Any) -> None:
    assert judged(flavor=flavor, image=image, storage=storage) == []


@pytest.mark.parametrize(
    ("flavor", "image", "storage", "words"),
    [
        ({"arch": "AARCH64"}, IMAGE, {}, ("aarch64", "for x86_64", "Flavors that fit: g")),
        ({"category": "GPU"}, IMAGE, {}, ("a GPU machine", "runs on CPU", "Flavors that fit: g")),
        ({}, IMAGE, {"category": "EFS"}, ("EVS, OBS", "storage.category is EFS")),
        ({}, IMAGE, {"size": 101}, ("up to 100 GB", "storage.size is 101", "Flavors that fit: g")),
    ],
    ids=str,
)
def test_what_does_not_fit(
    flavor: dict[str, Any], image: dict[str, Any], storage: dict[str, Any], words: tuple[str, ...]
) -> None:
    [(severity, text)] = judged(flavor=flavor, image=image, storage=storage)
    assert severity is Severity.ERROR
    assert "doesn't fit" in text
    assert [word for word in words if word not in text] == [], text


@pytest.mark.parametrize("adopt_existing", [True, False])
@pytest.mark.parametrize(
    "flavor", [{"sold_out": True}, {"arch": "aarch64"}, {"id": "another"}], ids=["sold out", "doesn't fit", "not there"]
)
def test_an_update_is_refused_whether_it_may_adopt_or_not(flavor: dict[str, Any], adopt_existing: bool) -> None:
    """There is nothing to adopt for a notebook that is there."""
    planned = {"name": "nb", "flavor": "f", "image_id": "i", "region": "here", "storage": UNKNOWN}
    planned["adopt_existing"] = adopt_existing
    offered = {each["id"]: each for each in (FLAVOR | flavor, FLAVOR | {"id": "g"})}
    found = Diagnostics()
    _judge(Choice(planned | {"flavor": "g", "status": "RUNNING"}, planned, offered, IMAGE), found)
    [only] = found
    assert only.severity is Severity.ERROR


def test_nothing_else_fits() -> None:
    [(_, text)] = judged(flavor={"storages": ["EVS"]}, image=IMAGE, storage={"category": "EFS"})
    assert "Flavors that fit" not in text
