"""The command: exit codes, text and JSON, and that no secret is ever printed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from doctor_bench import Bench

from modelarts_emulator.testing import Control
from modelarts_provider import cli
from modelarts_provider.doctor.findings import as_json, as_text, error, has_error, ok, warning, without


def command(bench: Bench, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    for name, value in {"PATH": str(bench.programs), **bench.environment}.items():
        monkeypatch.setenv(name, value)
    return cli.run(["doctor", *arguments])


def test_nothing_wrong_ends_with_0(
    bench: Bench, emulator: Control, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.use(emulator)
    assert command(bench, monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "0 errors" in lines[-1]
    assert not [line for line in lines if line.startswith("error")]


def test_an_error_ends_with_1_and_its_mend_stands_below(
    bench: Bench, emulator: Control, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.use(emulator)
    assert command(bench, monkeypatch, "--region", "mars-1") == 1
    lines = capsys.readouterr().out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("error    project"))
    assert "mars-1" in lines[at]
    assert "HW_PROJECT_ID" in lines[at + 1]
    assert "1 error" in lines[-1]


def test_json_is_a_list_of_findings(
    bench: Bench, emulator: Control, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.use(emulator)
    assert command(bench, monkeypatch, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {frozenset(each) for each in found} == {frozenset({"check", "status", "found", "mend"})}
    assert {each["status"] for each in found} <= {"ok", "warning", "error"}
    assert {"setting region", "login", "endpoint modelarts", "clock", "authentication", "project", "terraform"} <= {
        each["check"] for each in found
    }


def test_as_a_process_with_the_real_terraform(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    terraform = shutil.which("terraform")
    assert terraform, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    done = subprocess.run(
        [sys.executable, "-m", "modelarts_provider", "doctor", "--json"],
        env={**bench.environment, "HOME": str(bench.home), "PATH": os.environ["PATH"]},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = {each["check"]: each for each in json.loads(done.stdout)}
    assert found["terraform"]["found"].endswith(f"({terraform})")


SECRETS = {
    "HW_SECRET_KEY": "a-very-secret-key",
    "HW_SECURITY_TOKEN": "a-security-token",
    "HW_USER_PASSWORD": "a-password-of-mine",
    "HW_AUTH_TOKEN": "an-auth-token",
    "HW_ASSUME_ROLE_ID_TOKEN": "an-id-token-of-mine",
    "HTTP_PROXY": "http://someone:a-proxy-password@127.0.0.1:{closed}",
}
LOGINS = [
    ("HW_SECRET_KEY", "HW_SECURITY_TOKEN"),
    ("HW_USER_PASSWORD",),
    ("HW_AUTH_TOKEN",),
    ("HW_ASSUME_ROLE_ID_TOKEN",),
    tuple(SECRETS),
    ("HW_SECRET_KEY", "HTTP_PROXY"),
]
BESIDE = {
    "HW_SECRET_KEY": {"HW_ACCESS_KEY": "an-access-key-id"},
    "HW_USER_PASSWORD": {"HW_USER_NAME": "emulator", "HW_DOMAIN_NAME": "emulator"},
    "HW_ASSUME_ROLE_ID_TOKEN": {"HW_ASSUME_ROLE_IDP_ID": "emulator-idp"},
}


@pytest.mark.parametrize("names", LOGINS, ids="+".join)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_no_secret_is_printed(
    bench: Bench,
    emulator: Control,
    closed_port: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    names: tuple[str, ...],
    form: tuple[str, ...],
) -> None:
    """Each login is refused, so that the service's answer, which repeats what it was sent, is quoted."""
    bench.use(emulator, key=False)
    for name in names:
        bench.set(**BESIDE.get(name, {}), **{name: SECRETS[name].format(closed=closed_port)})
    if "HTTP_PROXY" not in names:
        bench.set(HW_PROJECT_ID=emulator.project_id)

    assert command(bench, monkeypatch, *form) == 1

    printed = capsys.readouterr()
    assert "HTTP_PROXY" in names or [call for call in emulator.requests() if call["status"] == 401], "nothing was sent"
    for secret in (*SECRETS.values(), "an-access-key-id", "a-proxy-password"):
        assert secret not in printed.out + printed.err


def test_a_key_in_a_file_is_not_printed(
    bench: Bench, emulator: Control, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (bench.home / ".huaweicloud").mkdir()
    Path(bench.home, ".huaweicloud", "credentials").write_text(
        "[basic]\nak = a-key-in-a-file\nsk = a-secret-in-a-file\nsecurity_token = a-token-in-a-file\n"
    )
    bench.use(emulator, key=False)
    assert command(bench, monkeypatch) == 1
    printed = capsys.readouterr().out
    assert "section [basic]" in printed, "the file was not read: nothing is shown"
    assert not [part for part in ("a-key-in-a-file", "a-secret-in", "a-token-in") if part in printed]


def test_texts_of_others_are_masked() -> None:
    """The positive control: where a message quotes a known secret, it goes."""
    found = [error("x", "the service said: abcd-efgh is wrong", "Don't use abcd-efgh.")]
    assert without(found, ("abcd-efgh",)) == [error("x", "the service said: *** is wrong", "Don't use ***.")]


def test_the_text_s_form() -> None:
    text = as_text([ok("a", "fine\nreally"), warning("bb", "so so"), error("c", "bad", "Mend it.")])
    assert text.splitlines() == [
        "ok       a   fine really",
        "warning  bb  so so",
        "error    c   bad",
        "             -> Mend it.",
        "1 ok, 1 warning, 1 error",
    ]
    assert has_error([ok("a", "")]) is False


def test_nothing_that_a_terminal_obeys_is_printed() -> None:
    hostile = "a\x1b[2J\rb\u202e\x9bc"
    (found,) = without([error("service", hostile, hostile)], ())
    assert (found.found, found.mend) == (r"a\x1b[2J\rb\u202e\x9bc", r"a\x1b[2J\rb\u202e\x9bc")
    assert not set(hostile) - set("abc[2J") & set(as_text([found]) + as_json([found]))
