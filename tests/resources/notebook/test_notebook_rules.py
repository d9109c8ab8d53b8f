"""What ``terraform validate`` refuses: each rule of the schema, hooks and storage across their members."""

from __future__ import annotations

from typing import Any

import pytest
from notebook_values import SSH, Values, configured

from modelarts_provider.framework.diagnostics import Severity
from modelarts_provider.framework.schema.validation import validate
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

SFS = "11111111-2222-3333-4444-555555555555"
EFS: Values = {"category": "EFS", "ownership": "DEDICATED", "uri": "host:/", "id": SFS}
OBS: Values = {"category": "OBS", "ownership": "DEDICATED", "uri": "obs://b/", "dew_secret_name": "s"}


def problems(**values: Any) -> list[tuple[str, str]]:
    found = validate(SCHEMA, configured(**values))
    return [(str(each.path), each.detail) for each in found]


def ips(*addresses: Any) -> Values:
    return {"SSH": {"allowed_access_ips": list(addresses)}}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"name": "A" * 128},
        {"name": "a-b_9"},
        *(
            {"name": name} for name in ("训练-1", "", "a b", "x" * 300)
        ),  # what exists may be called so: a plan checks new ones
        {"description": "<a & b> \"c\" 'd' / e" + "f" * 600},
        {"tags": {"a*b": "c<d", " e ": "f" * 300, "_sys_x": "", "": ""}},
        {"name": UNKNOWN, "description": UNKNOWN, "flavor": UNKNOWN, "image_id": UNKNOWN, "storage": UNKNOWN},
        {"description": ""},
        {"description": "d" * 512},
        {"description": "100% ünïcode, (a) [b] {c} = d; e: f? \\ # @ !"},
        {"endpoints": None},
        {"endpoints": {}},
        {"endpoints": {"SSH": {}, "NOTEBOOK": {}}},
        {"endpoints": {"SSH": UNKNOWN}},
        {"endpoints": ips("8.8.8.8", "192.0.2.1", "198.51.100.1", "203.0.113.7", "203.0.114.7")},
        {"endpoints": ips("8.8.8.8", "1.1.1.1", "9.9.9.9", "4.4.4.4", "203.0.114.7", UNKNOWN)},
        {"hooks": {}},
        {"hooks": {"pre_start": {"script": "/x"}}},
        {"hooks": {"pre_start": {"type": "COMMAND", "script": "cGlw"}, "post_start": {"script": UNKNOWN}}},
        {"hooks": {"pre_start": {"type": UNKNOWN, "script": "x"}}},
        {"hooks": {"pre_start": {"type": "SCRIPT", "script": "/x", "mode": "BLOCK"}}},
        {"storage": {}},
        {"storage": {"size": 5}},
        {"storage": {"size": 4096, "category": "EVS", "ownership": "MANAGED"}},
        {"storage": {"size": UNKNOWN, "category": UNKNOWN}},
        {"storage": {"category": "EFS"}},
        {"storage": EFS},
        {"storage": OBS},
        {"storage": {**OBS, "category": "OBSFS", "uri": UNKNOWN}},
        {"storage": {"category": "OBS", "ownership": UNKNOWN}},
        {"workspace_id": "0"},
        {"workspace_id": "abcdef0123456789abcdef0123456789"},
        {"pool_id": "pool-emulator-0001"},
        {"feature": "DEFAULT"},
        {"timeouts": {"create": "90s", "delete": "1h30m"}},
    ],
)
def test_what_is_allowed(values: Values) -> None:
    assert problems(**values) == []


@pytest.mark.parametrize(
    ("values", "at", "words"),
    [
        ({"flavor": ""}, "flavor", "have 1 to 256 characters"),
        ({"image_id": "cpu"}, "image_id", "be a UUID such as"),
        ({"endpoints": {"FTP": {}}}, 'endpoints["FTP"]', "be SSH or NOTEBOOK"),
        ({"endpoints": {"ssh": {}}}, 'endpoints["ssh"]', "be SSH or NOTEBOOK"),
        (
            {"endpoints": ips("8.8.8.8", "1.1.1.1", "9.9.9.9", "4.4.4.4", "203.0.114.7", "5.5.5.5")},
            'endpoints["SSH"].allowed_access_ips',
            "have at most 5 elements",
        ),
        ({"endpoints": ips("10.0.0")}, 'endpoints["SSH"].allowed_access_ips', "be an IPv4 address"),
        ({"endpoints": ips("8.8.8.8/32")}, 'endpoints["SSH"].allowed_access_ips', "be an IPv4 address"),
        ({"endpoints": {"SSH": {"key_pair_names": [""]}}}, 'endpoints["SSH"].key_pair_names', "have 1 to 64"),
        ({"hooks": {"pre_start": {"script": "x.sh"}}}, "hooks.pre_start.script", "be an absolute path"),
        ({"hooks": {"pre_start": {"script": ""}}}, "hooks.pre_start.script", "be an absolute path"),
        ({"hooks": {"pre_start": {"script": "/dir/"}}}, "hooks.pre_start.script", "be an absolute path"),
        ({"hooks": {"pre_start": {"script": "/a\n/b"}}}, "hooks.pre_start.script", "be an absolute path"),
        (
            {"hooks": {"post_start": {"type": "SCRIPT", "script": "pip"}}},
            "hooks.post_start.script",
            "be an absolute path",
        ),
        *(
            ({"hooks": {"post_start": {"type": "COMMAND", "script": text}}}, "hooks.post_start.script", "be Base64")
            for text in ("pip install x", "cGlw=", "cGlw====", "cGl", "", "ünïcode", "cGlw\n")
        ),
        ({"hooks": {"pre_start": {"type": "SHELL", "script": "/x"}}}, "hooks.pre_start.type", "be SCRIPT or COMMAND"),
        ({"hooks": {"pre_start": {"script": "/x", "mode": "WAIT"}}}, "hooks.pre_start.mode", "be ASYNC or BLOCK"),
        ({"storage": {"size": 4}}, "storage.size", "be a whole number from 5 to 4096 (GB)"),
        ({"storage": {"size": 5000}}, "storage.size", "be a whole number from 5 to 4096 (GB)"),
        ({"storage": {"category": "NFS"}}, "storage.category", "be one of EVS, EFS, OBS, OBSFS, SFS"),
        ({"storage": {"ownership": "MINE"}}, "storage.ownership", "be MANAGED or DEDICATED"),
        ({"storage": {"category": "EVS", "ownership": "DEDICATED", "uri": "x"}}, "storage.ownership", "be MANAGED"),
        ({"storage": {"uri": "obs://b/"}}, "storage.uri", "applies to your own storage only"),
        ({"storage": {"id": SFS}}, "storage.id", "applies to your own storage only"),
        ({"storage": {**EFS, "uri": None}}, "storage.uri", "is required where ownership is DEDICATED"),
        ({"storage": {**EFS, "id": None}}, "storage.id", "is required for EFS"),
        ({"storage": {**EFS, "id": "x"}}, "storage.id", "be a UUID"),
        ({"storage": {**OBS, "dew_secret_name": None}}, "storage.dew_secret_name", "is required for OBS"),
        ({"storage": {**OBS, "ownership": None, "uri": None}}, "storage.ownership", "must be DEDICATED for OBS"),
        ({"workspace_id": "x"}, "workspace_id", "be 0 or 32"),
        ({"feature": "FREE"}, "feature", "be NOTEBOOK or DEFAULT"),
        ({"pool_id": "P"}, "pool_id", "start with a lower-case letter"),
        ({"project_id": "p"}, "project_id", "have 32 letters and digits"),
        ({"timeouts": {"update": "soon"}}, "timeouts.update", "be a duration"),
        ({"timeouts": {"read": "0s"}}, "timeouts.read", "be a duration"),
    ],
)
def test_what_is_refused_where_and_in_which_words(values: Values, at: str, words: str) -> None:
    found = problems(**values)
    assert [path for path, _ in found] == [at]
    assert found[0][1].startswith(at)
    assert words in found[0][1]


def test_every_problem_is_told_at_once() -> None:
    found = problems(flavor="", image_id="<", endpoints=ips("1.1", "x"), storage={"size": 4})
    assert [path for path, _ in found] == [
        "flavor",
        "image_id",
        'endpoints["SSH"].allowed_access_ips',
        'endpoints["SSH"].allowed_access_ips',
        "storage.size",
    ]


def test_the_usual_configuration_has_endpoints_to_check() -> None:
    """A positive control of the tables above: the values that they start from aren't empty."""
    assert configured()["endpoints"]["SSH"]["allowed_access_ips"] == SSH["SSH"]["allowed_access_ips"]


@pytest.mark.parametrize("address", ["10.1.1.2", "100.64.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.1", "240.0.0.1"])
def test_an_address_that_is_not_public_is_a_warning(address: str) -> None:
    """Equal summaries are folded by Terraform, so that of many notebooks isn't a page of warnings."""
    endpoints = {**ips("8.8.8.8", address), "NOTEBOOK": {"allowed_access_ips": [address]}}
    found = list(validate(SCHEMA, configured(endpoints=endpoints)))
    assert [each.severity for each in found] == [Severity.WARNING] * 2
    assert {each.summary for each in found} == {"Unusual value for endpoints[*].allowed_access_ips"}
    assert [str(each.path) for each in found] == [
        'endpoints["SSH"].allowed_access_ips',
        'endpoints["NOTEBOOK"].allowed_access_ips',
    ]
    assert all(f"holds {address}" in each.detail and "only public addresses" in each.detail for each in found)
