from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.api.modelarts.field_aliases import SPELLINGS
from modelarts_provider.api.modelarts.models import Notebook, normalise


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ({}, {}),
        ({"id": "x", "surprise": {"A": 1}}, {"id": "x", "surprise": {"A": 1}}),
        ({"fail_reason": None, "lease": {"type": None}}, {"lease": {}}),
        (
            {"endpoints": [{"dev_service": "ssh", "ssh_keys": ["k"], "uri": "u"}]},
            {"endpoints": [{"service": "SSH", "key_pair_names": ["k"], "uri": "u"}]},
        ),
        (
            {"endpoints": [{"service": "SSH", "dev_service": "SSH", "key_pair_names": ["a"], "ssh_keys": ["a"]}]},
            {"endpoints": [{"service": "SSH", "key_pair_names": ["a"]}]},
        ),
        (
            {"endpoints": [{"service": "SSH", "key_pair_names": [], "ssh_keys": ["k"]}]},
            {"endpoints": [{"service": "SSH", "key_pair_names": ["k"]}]},
        ),
        (
            {"action_progress": [{"step": 1, "status": "waiting", "step_description": "Prepare storage."}]},
            {"action_progress": [{"step": 1, "status": "WAITING", "description": "Prepare storage."}]},
        ),
        (
            {"lease": {"create_at": 1, "update_at": 2, "type": "timing"}},
            {"lease": {"create_at": 1, "update_at": 2, "type": "TIMING"}, "create_at": 1, "update_at": 2},
        ),
        ({"create_at": 7, "lease": {"create_at": 1}}, {"create_at": 7, "lease": {"create_at": 1}}),
        (
            {"volume": {"category": "evs", "ownership": "managed"}, "data_volumes": [{"uri": "obs://b/"}]},
            {"volume": {"category": "EVS", "ownership": "MANAGED"}, "data_volumes": [{"url": "obs://b/"}]},
        ),
        ({"endpoints": "nonsense", "lease": [], "volume": 3}, {"odd_fields": ["endpoints", "lease", "volume"]}),
        ({"name": None, "description": None}, {"odd_fields": ["name"]}),
        ({"image": {"id": "i", "size": {}}}, {"image": {"id": "i"}, "odd_fields": ["image.size"]}),
        ({"tags": [{"key": "k", "value": 5}], "url": "u"}, {"url": "u", "odd_fields": ["tags"]}),
        ({"create_at": 10**21, "status": True}, {"odd_fields": ["create_at", "status"]}),
        ({"name": "half \ud800"}, {"odd_fields": ["name"]}),
        ({"odd_fields": ["x" * 10**6, "\x1b[31m", "image.", ""]}, {}),
        ({"odd_fields": ["image.size", "other"]}, {"odd_fields": ["image.size"]}),
    ],
)
def test_normalise(came, expected):
    before = copy.deepcopy(came)
    assert normalise(came) == expected
    assert came == before


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["service", "ssh_keys", "uri"]), inner),
)
fields = st.sampled_from([*Notebook.__annotations__, "other"])


@given(st.dictionaries(fields, json_values, max_size=6))
def test_whatever_comes_normalising_twice_is_normalising_once(came: dict[str, Any]):
    once = normalise(came)
    assert normalise(once) == once
    assert "null" not in json.dumps(once).replace('"null"', "")
    odd = {at.split(".")[0] for at in once.get("odd_fields", [])}
    assert {key for key, value in came.items() if value is not None} <= {*once, *odd, "odd_fields"}


def test_every_spelling_has_its_evidence():
    assert len({(row.where, row.ours) for row in SPELLINGS}) == len(SPELLINGS)
    assert all(row.theirs and row.evidence for row in SPELLINGS)
