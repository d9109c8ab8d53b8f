"""Log lines as Terraform reads them."""

from __future__ import annotations

import json
import logging
import os
import re
import sys

import pytest

from modelarts_provider.framework.protocol.hclog import LineBridge, Log, bridge_logging, bridge_streams, level_from


@pytest.fixture
def pipe():
    read, write = os.pipe()
    os.set_blocking(read, False)

    def lines() -> list[dict[str, object]]:
        try:
            return [json.loads(line) for line in os.read(read, 1 << 16).splitlines()]
        except BlockingIOError:
            return []

    yield write, lines
    os.close(read)
    os.close(write)


def test_a_line_is_json_with_hclogs_names(pipe):
    write, lines = pipe
    Log("provider.modelarts", level="INFO", descriptor=write).named("api").info(
        "call\nanswered", status=200, path=os.devnull, at=object
    )
    (line,) = lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("@timestamp"))
    assert line == {
        "@level": "info",
        "@message": r"call\nanswered",
        "@module": "provider.modelarts.api",
        "status": 200,
        "path": "/dev/null",
        "at": str(object),
    }


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("TRACE", ["trace", "debug", "info", "warn", "error"]),
        ("INFO", ["info", "warn", "error"]),
        ("ERROR", ["error"]),
        ("OFF", []),
    ],
)
def test_lines_below_the_level_are_not_written(pipe, level, written):
    write, lines = pipe
    log = Log("provider.modelarts", level=level, descriptor=write)
    for method in (log.trace, log.debug, log.info, log.warn, log.error):
        method("said")
    assert [line["@level"] for line in lines()] == written
    assert log.is_on("DEBUG") == ("debug" in written)
    assert log.named("part").is_on("DEBUG") == ("debug" in written)


@pytest.mark.parametrize(
    ("environ", "level"),
    [
        ({}, "OFF"),
        ({"TF_LOG": ""}, "OFF"),
        ({"TF_LOG": "debug"}, "DEBUG"),
        ({"TF_LOG": "json"}, "TRACE"),
        ({"TF_LOG": "loud"}, "TRACE"),
        ({"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "WARN"}, "WARN"),
        ({"TF_LOG_PROVIDER": "WARN", "TF_LOG_PROVIDER_MODELARTS": "INFO"}, "INFO"),
        ({"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "off"}, "OFF"),
    ],
)
def test_the_level_is_the_one_the_user_asked_terraform_for(environ, level):
    assert level_from(environ, "modelarts") == level
    assert level_from({}, default="WARN") == "WARN"


def test_a_failure_says_where_and_not_what(pipe):
    write, lines = pipe
    secret = "hunter" + "2"
    try:
        raise LookupError(secret)
    except LookupError as error:
        Log("provider.modelarts", level="ERROR", descriptor=write).failure("call failed", error, method="ReadResource")
    (line,) = lines()
    assert (line["error"], line["method"]) == ("LookupError", "ReadResource")
    assert "test_a_failure_says_where_and_not_what" in line["frames"]
    assert secret not in json.dumps(line)


def test_a_reader_that_is_gone_is_no_error():
    read, write = os.pipe()
    os.close(read)
    Log("provider.modelarts", level="TRACE", descriptor=write).info("to nobody")
    os.close(write)


def test_printed_text_becomes_lines(pipe):
    write, lines = pipe
    stream = LineBridge(Log("provider.modelarts", level="TRACE", descriptor=write), "DEBUG")
    print("one\ntwo", end="", file=stream)
    assert [line["@message"] for line in lines()] == ["one"]
    print(" and more", file=stream)
    assert [line["@message"] for line in lines()] == ["two and more"]
    assert stream.writable()
    stream.flush()


def test_both_streams_are_bridged(pipe, monkeypatch):
    write, lines = pipe
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    bridge_streams(Log("provider.modelarts", level="TRACE", descriptor=write))
    print("out")
    print("err", file=sys.stderr)
    assert [(line["@level"], line["@module"]) for line in lines()] == [
        ("debug", "provider.modelarts.stdout"),
        ("warn", "provider.modelarts.stderr"),
    ]


def test_warnings_of_libraries_pass_and_their_details_do_not(pipe, monkeypatch):
    write, lines = pipe
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(root, "level", root.level)
    bridge_logging(Log("provider.modelarts", level="TRACE", descriptor=write))
    library = logging.getLogger("some.library")
    library.debug("authorization: secret")
    library.info("GET /")
    library.warning("slow %s", "answer")
    library.error("broken")
    assert [(line["@level"], line["@module"], line["@message"]) for line in lines()] == [
        ("warn", "provider.modelarts.some.library", "slow answer"),
        ("error", "provider.modelarts.some.library", "broken"),
    ]


def test_nothing_that_a_terminal_obeys_is_written(pipe):
    """Terraform decodes a line and prints its texts as they are."""
    write, lines = pipe
    hostile = "a\x1b[2J\rb\u202e\x9b\nc"
    body = {"k\x1b": [hostile, {"deep": hostile}], "n": 5, "none": None, "yes": True}
    Log("provider.modelarts", level="DEBUG", descriptor=write).debug(
        hostile, body=body, frames="one\ntwo\x1b", error=ValueError(hostile)
    )
    (line,) = lines()
    clean = r"a\x1b[2J\rb\u202e\x9b\nc"
    assert line["@message"] == clean
    assert line["body"] == {r"k\x1b": [clean, {"deep": clean}], "n": 5, "none": None, "yes": True}
    assert (line["frames"], line["error"]) == ("one\ntwo\\x1b", clean)


def test_fields_that_are_nested_too_deep_cost_the_fields(pipe):
    write, lines = pipe
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    Log("provider.modelarts", level="DEBUG", descriptor=write).debug("answered", body=deep)
    (line,) = lines()
    assert (line["@message"], line["fields"]) == ("answered", "nested too deep to be written")
