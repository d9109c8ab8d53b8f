"""The friendly values and the provider's schema say the same of the same values."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modelarts_constructs import AutoStop, ConstructError, Endpoint, Hook, Storage
from modelarts_constructs._addresses import unusual_addresses
from modelarts_constructs._notebook_arguments import new_value_problems, notebook_attributes
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.attributes import Nested
from modelarts_provider.framework.schema.types import SetOf
from modelarts_provider.framework.schema.validation import validate, validate_new_values
from modelarts_provider.framework.schema.values import sorted_set
from modelarts_provider.resources.common.tags import MOST_TAGS, TagPolicy, check_tags
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

UUID = "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10"
GOOD = {"name": "nb", "flavor": "f", "image_id": UUID, "storage": {}}

PUBLIC = [f"1.1.1.{index}" for index in range(1, 8)]

words = st.text(alphabet=string.ascii_letters + string.digits + "-_ .&<>\"'/é", max_size=6)
long_words = st.builds(lambda text, times: text * times, words, st.sampled_from([1, 1, 1, 30, 64, 130]))
uuids = st.sampled_from([UUID, UUID.upper(), UUID[:-1], f"{UUID}\n", "x", ""])
addresses = st.one_of(
    st.sampled_from(
        [
            "1.1.1.1",
            "8.8.8.8",
            "9.9.9.9",
            "4.4.4.4",
            "5.5.5.5",
            "6.6.6.6",
            "10.0.0.1",
            "127.0.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "192.168.0.1",
            "100.64.0.1",
            "1.1.1",
            "1.1.1.01",
            "1.1.1.1/32",
            "::1",
            "255.255.255.255",
            "203.0.113.1",
        ]
    ),
    st.ip_addresses(v=4).map(str),
    words,
)
durations = st.sampled_from(
    ["90s", "30m", "1h30m", "1.5h", "0s", "0.0h", "5", "-5m", "1m1h", "1h1m1s", "s", "1h", "30", "m", "1e3s", ""]
)
endpoint = st.fixed_dictionaries(
    {},
    optional={
        "key_pair_names": st.lists(long_words, max_size=3),
        "allowed_access_ips": st.one_of(st.lists(addresses, max_size=3), st.lists(st.sampled_from(PUBLIC), max_size=8)),
    },
)
hook = st.fixed_dictionaries(
    {
        "script": st.sampled_from(
            ["/a/b.sh", "/", "/a/", "a.sh", "", "/a\nb", "ZWNobw==", "ZWNobw=", "ZWNobw", "####", "/AAA", "AAAA\n", "é"]
        )
    },
    optional={
        "type": st.sampled_from(["SCRIPT", "COMMAND", "script", ""]),
        "mode": st.sampled_from(["ASYNC", "BLOCK", "async", ""]),
    },
)
storage = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(["EVS", "EFS", "OBS", "OBSFS", "SFS", "evs"]),
        "ownership": st.sampled_from(["MANAGED", "DEDICATED", "MINE"]),
        "size": st.sampled_from([4, 5, 50, 4096, 4097, 0, -1]),
        "uri": st.sampled_from(["obs://b/", "", "u" * 1024, "u" * 1025]),
        "id": uuids,
        "dew_secret_name": st.sampled_from(["s", "", "s" * 64, "s" * 65]),
    },
)
auto_stop = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "type": st.sampled_from(["TIMING", "IDLE", "idle", ""]),
        "duration": st.one_of(
            durations, st.sampled_from(["1h", "59m", "59m60s", "72h", "72h1s", "4h", "0.5h", "3600s"])
        ),
    },
)
tag_texts = st.text(alphabet="aZ9é中 _.:/=+-@<&,", max_size=5)
tag_keys = st.sampled_from(
    ["terraform-provider-modelarts", "_sys_x", "_sys", "k" * 128, "k" * 129, "a b", " a", "a ", "a\n", "Terraform"]
)
configuration = {
    "name": long_words,
    "description": st.one_of(long_words, st.sampled_from(["d" * 512, "d" * 513])),
    "flavor": st.sampled_from(["f", "", "f" * 256, "f" * 257]),
    "image_id": uuids,
    "storage": storage,
    "endpoints": st.dictionaries(st.sampled_from(["SSH", "NOTEBOOK", "FTP", "ssh"]), endpoint, max_size=2),
    "hooks": st.fixed_dictionaries({}, optional={"pre_start": hook, "post_start": hook}),
    "auto_stop": auto_stop,
    "desired_status": st.sampled_from(["RUNNING", "STOPPED", "running", "STARTING", ""]),
    "allow_stopping_for_update": st.booleans(),
    "deletion_protection": st.booleans(),
    "adopt_existing": st.booleans(),
    "tags": st.dictionaries(st.one_of(tag_texts, tag_keys), st.one_of(tag_texts, long_words), max_size=4),
    "feature": st.sampled_from(["NOTEBOOK", "DEFAULT", "x"]),
    "workspace_id": st.sampled_from(["0", "0" * 32, "a" * 31, "A" * 32, "0\n"]),
    "pool_id": st.sampled_from(["pool", "p" * 64, "p" * 65, "poo", "1pool", "p_ol"]),
    "region": st.one_of(words, st.sampled_from(["cn-north-4", "eu1", "-eu", "eu-", "CN-NORTH-4", "a--b"])),
    "project_id": st.sampled_from(["0" * 32, "0" * 31, "z" * 32, "-" * 32]),
    "timeouts": st.dictionaries(st.sampled_from(["create", "read", "update", "delete"]), durations, max_size=2),
}


def allowed_by_the_schema(values):
    """Whether a new notebook may have them, and an existing one."""
    config = filled(SCHEMA.attributes, values)
    existing = not validate(SCHEMA, config).has_error
    return existing and not validate_new_values(SCHEMA, None, config).has_error, existing


def filled(attributes, values):
    """The configuration as Terraform sends it: what is absent is null, and a set has each element once."""
    config = dict.fromkeys(attributes)
    for name, value in values.items():
        kind = attributes[name].type
        if not isinstance(kind, Nested):
            config[name] = sorted_set(value) if isinstance(kind, SetOf) else value
        elif kind.nesting.name == "MAP":
            config[name] = {key: filled(kind.attributes, member) for key, member in value.items()}
        else:
            config[name] = filled(kind.attributes, value)
    return config


def allowed_by_the_constructs(values):
    given = dict(values)
    try:
        given["storage"] = Storage(**given["storage"])
        if "endpoints" in given:
            given["endpoints"] = [Endpoint(service=key, **members) for key, members in given["endpoints"].items()]
        for when, members in given.pop("hooks", {}).items():
            hook = dict(members)
            given[when] = Hook(run=hook.pop("script"), **hook)
        if "auto_stop" in given:
            given["auto_stop"] = AutoStop(**given["auto_stop"])
        notebook_attributes(lambda: "a", given)
    except ConstructError:
        return False, False
    return not new_value_problems({"description": None, "tags": None, **given}), True


def test_good_values_are_good_to_both():
    assert allowed_by_the_schema(GOOD) == (True, True)
    assert allowed_by_the_constructs(GOOD) == (True, True)


@given(st.sampled_from(sorted(configuration)), st.data())
@settings(max_examples=2500, deadline=None)
def test_same_verdict_on_the_same_value(name, data):
    values = {**GOOD, name: data.draw(configuration[name])}
    assert allowed_by_the_constructs(values) == allowed_by_the_schema(values)


@given(st.fixed_dictionaries({}, optional=configuration))
@settings(max_examples=100, deadline=None)
def test_same_verdict_on_the_same_configuration(values):
    values = {**GOOD, **values}
    assert allowed_by_the_constructs(values) == allowed_by_the_schema(values)


@pytest.mark.parametrize("number", [19, 20])
def test_same_verdict_on_the_number_of_tags(number):
    tags = {f"k{index}": "" for index in range(number)}
    found = Diagnostics()
    check_tags({"name": "nb", "tags": tags, "tags_all": tags}, TagPolicy(), found)
    assert found.has_error == (number > MOST_TAGS)
    assert allowed_by_the_constructs({**GOOD, "tags": tags}) == (not found.has_error, True)


@given(st.lists(addresses, max_size=5), st.sampled_from(["SSH", "NOTEBOOK"]))
@settings(max_examples=500, deadline=None)
def test_same_warnings_of_addresses(ips, service):
    config = filled(SCHEMA.attributes, {**GOOD, "endpoints": {service: {"allowed_access_ips": ips}}})
    found = validate(SCHEMA, config)
    assume(not found.has_error)
    endpoints = [Endpoint(service=service, allowed_access_ips=ips)]
    assert sorted(unusual_addresses(endpoints)) == sorted(each.detail for each in found)


def test_every_rule_of_the_friendly_values_is_one_of_the_schemas():
    """What hypothesis draws covers each attribute that can be written, so a new one can't stay out of the comparison."""
    configurable = {name for name, attribute in SCHEMA.attributes.items() if attribute.configurable}
    assert set(configuration) == configurable
