"""Whatever comes in: never a server error, and a refused call never changes anything."""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import quote

import pytest
from emulator_api import PROJECT, Answer, Api, stamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_emulator_openapi import CASES, Prepared

from modelarts_emulator.http import gateway, routes
from modelarts_emulator.identity import iam, metadata, sts
from modelarts_emulator.state import snapshot

FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["", "\ud800", "\x00", "9" * 400, "true", "SSH", "EVS", "-1", "1e400", "../..", "é" * 600]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
RICH: dict[str, Any] = {
    "name": "n",
    "description": "d",
    "flavor": "modelarts.vm.cpu.8u",
    "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
    "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 50, "read_only": False},
    "storage_new_size": 60,
    "endpoints": [{"service": "SSH", "key_pair_names": ["k"], "allowed_access_ips": ["8.8.8.8"]}],
    "hooks": {"container_hooks": {"pre_start": {"type": "COMMAND", "script": "ZQ==", "mode": "BLOCK"}}},
    "duration": 3_600_000,
    "lease": {"type": "IDLE", "duration": 3_600_000},
    "tags": [{"key": "k", "value": "v"}],
    "custom_spec": {"cpu": 1.5, "memory": 1024},
    "pool_id": "pool-emulator-0001",
    "workspace_id": "0",
    "feature": "NOTEBOOK",
    "run_user": {"uid": 1, "gid": 2},
    "user_vpc": {"vpc_id": "v", "subnet_id": "s", "security_group_ids": ["g"], "connect_cidrs": ["10.0.0.0/8"]},
    "data_volumes": [{"category": "OBS", "mount_path": "/data/x/", "uri": "obs://bucket/"}],
    "public_network_config": {"public_network_type": "SHARED"},
    "affinity": {},
    "dew_secret_name": "s",
    "category": "OBS",
    "mount_path": "/data/n/",
    "uri": "obs://bucket/d/",
    "namespace": "team",
    "tag": "1",
    "swr_path": "swr.example.com/team/other:2",
    "services": ["SSH"],
    "resource_category": ["CPU"],
    "is_force": True,
    "type": "TIMING",
}


def _paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [prefix] if prefix else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found += _paths(item, (*prefix, key))
    return found


PASSWORD = {"user": {"name": "emulator", "password": "emulator", "domain": {"name": "emulator", "id": "d"}}}
ASSUMED = {"agency_name": "elsewhere_agency", "domain_name": "elsewhere", "duration_seconds": 900}
LOGIN: dict[str, Any] = {
    "auth": {
        "identity": {"methods": ["password"], "password": PASSWORD, "assume_role": ASSUMED, "token": {"id": "t"}},
        "scope": {"project": {"name": "cn-north-4", "id": PROJECT}},
        "id_token": {"id": "emulator-id-token"},
    },
    "agency_urn": "iam::d0000000000000000000000000000002:agency:elsewhere_agency",
    "agency_session_name": "s",
    "duration_seconds": 900,
    "id_token": "emulator-id-token",
}


@st.composite
def spoiled(draw: st.DrawFn, rich: dict[str, Any] = RICH) -> Any:
    """A rich body with some keys left out and one or two values replaced by anything."""
    body = copy.deepcopy(rich)
    for key in draw(st.sets(st.sampled_from(sorted(rich)), max_size=20)):
        del body[key]
    for path in draw(st.lists(st.sampled_from(_paths(rich)), max_size=2)):
        at: Any = body
        try:
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue
    return body


class Fuzzed(Prepared):
    """An emulator with a running and a stopped instance, a storage and an image, and everything that it holds."""

    def __init__(self, rules: str = "documented") -> None:
        self.api = Api(rules=rules)
        super().__init__(self.api)

    def state(self) -> Any:
        """All that a state file could hold, written as JSON: nothing is shared with what may change."""
        rows = snapshot.whole(self.api.app.state.emulator)
        return {f"{kind} {ident}": json.dumps(row) for (kind, ident), row in rows.items()}

    def check(self, answer: Answer, before: Any) -> None:
        assert answer.status < 500, answer.raw
        if answer.status >= 400:
            assert self.state() == before
            assert {"error_code", "error_msg"} <= set(answer.body)


WRITES = sorted(operation.name for operation in routes.OPERATIONS if operation.method != "GET")


@pytest.mark.parametrize("which", [0, 1])
@given(name=st.sampled_from(WRITES), body=spoiled(), rules=st.sampled_from(["documented", "observed"]))
@FUZZ
def test_spoiled_bodies(which: int, name: str, body: Any, rules: str) -> None:
    prepared = Fuzzed(rules)
    method, path, _, _, *_ = CASES[name][which]
    raw = json.dumps(body).encode()
    before = prepared.state()
    prepared.check(prepared.api.call(method, path.format(**prepared.values), raw=raw), before)


@given(
    name=st.sampled_from(WRITES),
    which=st.sampled_from([0, 1]),
    raw=st.binary(max_size=200) | st.text().map(lambda text: text.encode("utf-8", "replace")),
)
@FUZZ
def test_bytes_that_are_no_json(name: str, which: int, raw: bytes) -> None:
    prepared = Fuzzed()
    method, path, _, _, *_ = CASES[name][which]
    before = prepared.state()
    prepared.check(prepared.api.call(method, path.format(**prepared.values), raw=raw), before)


HUGE = [
    b'{"name": "' + b"n" * 2_000_000 + b'"}',
    b'{"tags": [' + b'{"key": "k"},' * 50_000 + b'{"key": "k"}]}',
    b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"a": ' * 5_000 + b"1" + b"}" * 5_000,
    b'{"duration": ' + b"9" * 10_000 + b"}",
    b'{"run_user": {"uid": ' + b"9" * 4_000 + b"}}",
    b'{"name": "\xff\xfe"}',
    b'{"name": "\\ud800"}',
    b'{"\\udfff": 1}',
    b"\x00" * 1000,
    b'{"name": 1e999}',
    b'{"name": NaN}',
    b" " * gateway.MAX_BODY,
    b" " * (gateway.MAX_BODY + 1),
]


@pytest.mark.parametrize("name", WRITES)
def test_huge_deep_and_broken_bodies(name: str) -> None:
    prepared = Fuzzed()
    # a request that is refused for another reason otherwise, so that nothing may change
    method, path, _, query, *_ = CASES[name][1]
    if name == "RenewLease":  # its case is refused for its body alone, and unknown fields are no reason
        path = path.replace("{on}", "{off}")
    before = prepared.state()
    for raw in HUGE:
        answer = prepared.api.call(method, path.format(**prepared.values), raw=raw, query=query)
        assert 400 <= answer.status < 500, (raw[:40], answer.raw[:200])
        prepared.check(answer, before)


LOGINS = sorted((method, path) for service in (iam, sts, metadata) for method, path in service.OPERATIONS)


@given(
    login=st.sampled_from(LOGINS),
    body=spoiled(LOGIN).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=50),
    headers=st.dictionaries(
        st.sampled_from(["x-subject-token", "x-idp-id", "x-metadata-token", "x-metadata-token-ttl-seconds"]),
        st.sampled_from(["emulator-idp", "60", "-1", "0", "99999999999", "6e1", "ü", ""]),
    ),
    signed=st.booleans(),
)
@FUZZ
def test_spoiled_logins(login: tuple[str, str], body: bytes, headers: dict[str, str], signed: bool) -> None:
    prepared = Fuzzed()
    before = prepared.state()
    call = prepared.api.call if signed else prepared.api.raw
    answer = call(*login, raw=body, headers=headers) if signed else call(*login, "", headers, body)
    assert answer.status < 500, answer.raw
    if answer.status >= 400:
        assert prepared.state() == before


QUERY_KEYS = [
    "limit",
    "offset",
    "sort_dir",
    "sort_key",
    "name",
    "tags",
    "type",
    "duration",
    "feature",
    "status",
    "billing",
    "x",
]
QUERY_VALUES = st.text(max_size=12).filter(
    lambda text: text.encode("utf-8", "ignore").decode() == text
) | st.sampled_from(["10", "0", "-1", "99999999999", "ASC", "a|b", "|", ",", "TIMING", "MANAGED", "½", "١٢"])


@given(
    name=st.sampled_from(sorted(CASES)), query=st.dictionaries(st.sampled_from(QUERY_KEYS), QUERY_VALUES, max_size=4)
)
@FUZZ
def test_any_query(name: str, query: dict[str, str]) -> None:
    prepared = Fuzzed()
    method, path, body, _, *_ = CASES[name][0]
    before = prepared.state()
    prepared.check(prepared.api.call(method, path.format(**prepared.values), body, query=query), before)


@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"]),
    path=st.lists(
        st.sampled_from(["v1", PROJECT, "notebooks", "all", "%00", "%ff", "..", "", "images", "ü", "v3", "auth"]),
        max_size=7,
    ),
    headers=st.dictionaries(
        st.sampled_from(["authorization", "x-sdk-date", "x-auth-token", "x-security-token", "x-sdk-content-sha256"]),
        st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
        | st.sampled_from(
            [
                "SDK-HMAC-SHA256 Access=emulator-access-key, SignedHeaders=x-sdk-date, Signature=" + "0" * 64,
                "SDK-HMAC-SHA256 Access=emulator-access-key, SignedHeaders=;;;, Signature=" + "f" * 64,
                stamp(1_795_000_000_000),
                "99999999T999999Z",
                "UNSIGNED-PAYLOAD",
            ]
        ),
        max_size=4,
    ),
    body=st.binary(max_size=30),
)
@FUZZ
def test_unsigned_and_wrongly_signed_requests(
    method: str, path: list[str], headers: dict[str, str], body: bytes
) -> None:
    prepared = Fuzzed()
    before = prepared.state()
    answer = prepared.api.raw(method, "/" + "/".join(quote(part, safe="%") for part in path), "a=%ff&b", headers, body)
    assert 400 <= answer.status < 500
    assert prepared.state() == before


@given(body=VALUES, path=st.sampled_from(["faults", "failures", "catalog", "reset", "notebooks/{on}"]))
@FUZZ
def test_the_control_is_as_sturdy(body: Any, path: str) -> None:
    prepared = Fuzzed()
    method = "PATCH" if path in {"catalog", "notebooks/{on}"} else "POST"
    before = prepared.state()
    answer = prepared.api.raw(method, "/_emulator/" + path.format(**prepared.values), "", {}, json.dumps(body).encode())
    assert answer.status < 500
    if answer.status >= 400:
        assert prepared.state() == before


@given(
    changes=st.dictionaries(
        st.sampled_from(["name", "status", "tags", "lease", "endpoints", "hooks", "capacity", "idle"]), VALUES
    )
)
@FUZZ
def test_changes_from_outside_leave_a_readable_instance(changes: dict[str, Any]) -> None:
    prepared = Fuzzed()
    ident = prepared.values["on"]
    prepared.api.raw("PATCH", f"/_emulator/notebooks/{ident}", "", {}, json.dumps(changes).encode())
    prepared.api.wait(100_000)
    assert prepared.api.call("GET", f"/notebooks/{ident}").status < 500
    assert prepared.api.call("GET", "/notebooks").status == 200
