"""No error of the constructs shows the value of a hook, a tag, an auto-stop or an argument of the provider."""

from __future__ import annotations

import re

import pytest

from modelarts_constructs import AutoStop, ConstructError, Hook, ModelartsProvider, Notebook

SECRET = "hunter2secret%"
NUMBER = 987654321


WRONG = {
    "duration": lambda stack, basic: AutoStop(duration=SECRET),
    "duration out of range": lambda stack, basic: AutoStop(duration=f"{NUMBER}h"),
    "duration of none": lambda stack, basic: AutoStop(enabled=False, duration=f"{NUMBER}h"),
    "hours": lambda stack, basic: AutoStop.after(hours=SECRET),
    "auto_stop": lambda stack, basic: Notebook(stack, "n", **basic, auto_stop=SECRET),
    "auto_stop as a dict": lambda stack, basic: Notebook(stack, "n", **basic, auto_stop={"duration": SECRET}),
    "another auto_stop": lambda stack, basic: Notebook(
        stack, "n", **basic, auto_stop=AutoStop.after(minutes=77)
    ).stop_after(minutes=NUMBER),
    "script": lambda stack, basic: Hook(type="COMMAND", run=SECRET),
    "misspelt script": lambda stack, basic: Hook(type="COMMAND", scripts=SECRET),
    "path": lambda stack, basic: Hook.script(SECRET),
    "hook": lambda stack, basic: Notebook(stack, "n", **basic, post_start=SECRET),
    "hook as a dict": lambda stack, basic: Notebook(stack, "n", **basic, post_start={"script": SECRET}),
    "tags": lambda stack, basic: Notebook(stack, "n", **basic, tags=SECRET),
    "tags in a list": lambda stack, basic: Notebook(stack, "n", **basic, tags={"a": [SECRET]}),
    "retries": lambda stack, basic: ModelartsProvider(stack, max_retries=NUMBER),
    "rate": lambda stack, basic: ModelartsProvider(stack, requests_per_second=-NUMBER),
    "default tags": lambda stack, basic: ModelartsProvider(stack, default_tags={"a": SECRET}),
    "cloud": lambda stack, basic: ModelartsProvider(stack, cloud=SECRET),
    "endpoint": lambda stack, basic: ModelartsProvider(stack, endpoints={"iam": SECRET}),
    "file": lambda stack, basic: ModelartsProvider(stack, shared_config_file=[SECRET]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_value_is_not_shown(stack, basic, wrong):
    with pytest.raises(ConstructError) as caught:
        WRONG[wrong](stack, basic)
    assert not re.search(rf"hunter2|{NUMBER}|77|1h17m", str(caught.value)), caught.value


@pytest.mark.parametrize("key", ["\u202eevil", "\x9b31m", "\u2028", "\x1b[2J"])
def test_key_in_a_place_is_printable(stack, basic, key):
    with pytest.raises(ConstructError) as caught:
        Notebook(stack, "n", **basic, tags={key: 5})
    assert str(caught.value).isprintable()
