"""One thing is broken, and the command names it and its fix, in its text and as JSON, with its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from broken_servers import page_server, self_signed
from doctor_bench import Bench

from modelarts_emulator.testing import Control
from modelarts_provider import cli, installation
from modelarts_provider.doctor import machine

EMPTY_LIST = b'{"data": [], "total": 0}'
JSON = "application/json"


@dataclass
class Stage:
    """What is broken: a machine, its variables, the service; and what has to be put away afterwards."""

    bench: Bench
    emulator: Control
    closed_port: int
    monkeypatch: pytest.MonkeyPatch
    stack: ExitStack

    def set(self, **variables: str | None) -> None:
        self.bench.set(**variables)

    def serve(self, status: int, body: bytes, **settings: Any) -> str:
        return self.stack.enter_context(page_server(status, body, **settings))

    def fail(self, operation: str, **fault: Any) -> None:
        self.emulator.add_fault(operation=operation, count=0, **fault)

    def libraries(self, *names: str) -> None:
        """Python packages that are installed, and no others."""
        self.monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: name in names or None)

    def koocli(self, **changes: Any) -> None:
        profile = {"name": "team", "mode": "AKSK", "accessKeyId": "a", "secretAccessKey": "s", "region": "cn-north-4"}
        encrypt = changes.pop("encrypt", "false")
        file = self.bench.home / "koocli.json"
        file.write_text(json.dumps({"current": "team", "profiles": [profile | changes], "authEncrypt": encrypt}))
        self.set(HW_SHARED_CONFIG_FILE=str(file), HW_ACCESS_KEY=None, HW_SECRET_KEY=None)


@pytest.fixture
def stage(bench: Bench, emulator: Control, closed_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Everything is well: settings, login, service, Terraform, the provider's installation, no CDK."""
    bench.use(emulator)
    installation.install(installation.IMPLIED_MIRROR.expanduser())
    with ExitStack() as stack:
        made = Stage(bench, emulator, closed_port, monkeypatch, stack)
        made.libraries()
        yield made


def another_clock(stage: Stage) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True)
    url = stage.serve(200, EMPTY_LIST, Content_Type=JSON, Date=date)
    stage.set(HW_ENDPOINT_MODELARTS=url, HW_PROJECT_ID="0" * 32)


def unknown_certificate(stage: Stage) -> None:
    context, _ = self_signed(stage.bench.home)
    stage.set(
        HW_ENDPOINT_MODELARTS=stage.serve(200, EMPTY_LIST, tls=context, Content_Type=JSON), HW_PROJECT_ID="0" * 32
    )


def proxy(stage: Stage, url: str) -> None:
    stage.monkeypatch.setenv("HTTP_PROXY", url)
    stage.set(HW_PROJECT_ID=stage.emulator.project_id)


def proxy_that_wants_a_password(stage: Stage) -> None:
    proxy(stage, stage.serve(407, b"<html>Authentication required</html>", Content_Type="text/html"))


def gone_python(stage: Stage) -> None:
    launcher = installation.launcher_in(installation.IMPLIED_MIRROR.expanduser())
    installation.python_of(launcher).write_text("/nowhere/python\n")


def credentials_file(stage: Stage, text: str) -> None:
    path = stage.bench.home / "credentials"
    path.write_text(text)
    stage.set(HW_ACCESS_KEY=None, HW_SECRET_KEY=None, HUAWEICLOUD_SDK_CREDENTIALS_FILE=str(path))


def with_cdk(stage: Stage, *programs: str) -> None:
    stage.libraries("cdktf")
    for name in programs:
        stage.bench.program(name, {"node": "echo v22.1.0", "old node": "echo v24.0.0"}.get(name, "exit 1"))


def nothing_set(stage: Stage) -> None:
    stage.set(HW_ACCESS_KEY=None, HW_SECRET_KEY=None, HW_ENDPOINT_METADATA=f"http://127.0.0.1:{stage.closed_port}")


def ecs_without_agency(stage: Stage) -> None:
    stage.set(HW_ACCESS_KEY=None, HW_SECRET_KEY=None, HW_ENDPOINT_METADATA=stage.emulator.url)
    stage.fail("ShowSecurityKey", status=401, error_msg="Please configure Cloud Service Agency first", error_code="X")


Fault = Callable[[Stage], None]


def setting(**variables: str | None) -> Fault:
    return lambda stage: stage.set(**variables)


ERRORS: dict[str, tuple[Fault, str, str, str]] = {
    "a variable that can't be read": (setting(HW_MAX_RETRIES="many"), "settings", "HW_MAX_RETRIES", "Correct the variable"),
    "no region": (setting(HW_REGION_NAME=None), "setting region", "missing", "HW_REGION_NAME"),
    "a wrong region": (setting(HW_REGION_NAME="mars-1"), "project", "mars-1", "Check region"),
    "half a key": (setting(HW_SECRET_KEY=None), "login", "secret_key (HW_SECRET_KEY) is missing", "Set secret_key"),
    "nothing says who": (nothing_set, "login", "nothing says who you are", "HW_ACCESS_KEY"),
    "an ECS instance without an agency": (ecs_without_agency, "login", "has no agency", "attach an agency"),
    "a wrong secret key": (setting(HW_SECRET_KEY="made-up"), "authentication", "APIGW.0301", "Check secret_key"),
    "an unknown access key": (setting(HW_ACCESS_KEY="NOBODY"), "authentication", "APIGW.0301", "Check access_key"),
    "a token that is none": (setting(HW_AUTH_TOKEN="made-up", HW_PROJECT_ID="0" * 32), "authentication", "401", "Check token"),
    "a wrong password": (
        setting(HW_ACCESS_KEY=None, HW_SECRET_KEY=None, HW_USER_NAME="emulator", HW_USER_PASSWORD="made-up", HW_DOMAIN_NAME="emulator"),
        "login", "password is wrong", "Check user_name, password",
    ),
    "an agency that nobody has": (
        setting(HW_ASSUME_ROLE_AGENCY_NAME="none", HW_ASSUME_ROLE_DOMAIN_NAME="emulator"), "login", "not found", "Check agency_name and domain_name",
    ),
    "a wrong project": (setting(HW_PROJECT_ID="f" * 32), "project", "ModelArts.0210", "Check project_id and region"),
    "an unknown project name": (setting(HW_PROJECT_NAME="none"), "project", "no project named 'none'", "project_name"),
    "a missing permission": (
        lambda stage: stage.fail("ListNotebooks", status=403, error_code="ModelArts.0112", error_msg="no"),
        "permission to list notebooks", "403 ModelArts.0112", "administrator",
    ),
    "a service that fails": (lambda stage: stage.fail("ListNotebooks", status=503), "service", "503", "request id"),
    "a clock that is 20 minutes off": (another_clock, "clock", "20 minutes behind", "Set this machine's clock"),
    "a certificate that nobody knows": (unknown_certificate, "endpoint modelarts", "no secure connection", "cacert_file"),
    "https to a plain port": (
        lambda stage: stage.set(HW_ENDPOINT_MODELARTS=stage.emulator.url.replace("http:", "https:")),
        "endpoint modelarts", "no secure connection", "write http://",
    ),
    "a dead proxy": (
        lambda stage: proxy(stage, f"http://127.0.0.1:{stage.closed_port}"),
        "endpoint modelarts", "through the proxy", "HTTPS_PROXY",
    ),
    "a proxy that wants a password": (proxy_that_wants_a_password, "service", "wants a user and password", "Check HTTP_PROXY"),
    "a proxy setting that is no URL": (lambda stage: proxy(stage, "nonsense://x"), "endpoint modelarts", "HTTP_PROXY", "http:// or https:// URL"),
    "a host name that doesn't exist": (
        setting(HW_ENDPOINT_MODELARTS="https://modelarts.nowhere.invalid"), "endpoint modelarts", "can't be resolved", "typing error",
    ),
    "an endpoint where nobody listens": (
        lambda stage: stage.set(HW_ENDPOINT_MODELARTS=f"http://127.0.0.1:{stage.closed_port}"),
        "endpoint modelarts", "no connection", "host and port",
    ),
    "an endpoint that is no URL": (setting(HW_ENDPOINT_MODELARTS="modelarts"), "endpoint modelarts", "is not an http://", "http://"),
    "an encrypted profile": (lambda stage: stage.koocli(encrypt="true"), "login files", "is encrypted", "--cli-auth-encrypt=false"),
    "a profile without a key": (lambda stage: stage.koocli(accessKeyId=""), "login files", "holds no access key", "hcloud configure set"),
    "a credentials file that is none": (lambda stage: credentials_file(stage, "ak: x"), "login files", "is not an INI file", "authenticate"),
    "a file of authorities that isn't there": (setting(HW_CACERT_FILE="/nowhere/ca.pem"), "certificates", "/nowhere/ca.pem", "certificates in PEM"),
    "no Terraform": (
        lambda stage: (stage.bench.programs / "terraform").unlink(), "terraform", "no `terraform` on PATH", "Install Terraform 1.8",
    ),
    "an old Terraform": (
        lambda stage: stage.bench.program("terraform", """echo '{"terraform_version": "1.5.7"}'""") and None,
        "terraform", "too old", "Install Terraform 1.8",
    ),
    "an installation whose Python is gone": (gone_python, "installation", "is gone", "terraform-provider-modelarts install"),
}  # fmt: skip

WARNINGS: dict[str, tuple[Fault, str, str, str]] = {
    "a misspelled variable": (setting(HW_PROJECTID="x"), "variable HW_PROJECTID", "read it", "HW_PROJECT_ID"),
    "any certificate is accepted": (setting(HW_INSECURE="true"), "certificates", "any certificate", "Unset insecure"),
    "no permission to list flavors": (
        lambda stage: stage.fail("ListFlavors", status=403, error_code="ModelArts.0112", error_msg="no"),
        "permission to list flavors", "403", "check_flavors_at_plan",
    ),
    "no provider in the mirror": (
        lambda stage: installation.launcher_in(installation.IMPLIED_MIRROR.expanduser()).unlink(),
        "installation", "is not in", "terraform-provider-modelarts install",
    ),
    "no Node": (lambda stage: with_cdk(stage, "cdktf"), "node", "no `node` on PATH", "Install Node 20 or 22"),
    "no cdktf command": (lambda stage: with_cdk(stage, "node"), "cdktf", "no `cdktf` command", "npm install"),
}  # fmt: skip


def asked(stage: Stage, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    for name, value in {"PATH": str(stage.bench.programs), **stage.bench.environment}.items():
        stage.monkeypatch.setenv(name, value)
    code = cli.run(["doctor", *arguments])
    printed = capsys.readouterr()
    assert printed.err == ""
    return code, printed.out


def as_json(stage: Stage, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, str]]]:
    """What ``--json`` prints, whose shape programs rely on."""
    code, text = asked(stage, capsys, "--json")
    found = json.loads(text)
    for each in found:
        assert [*each] == ["check", "status", "found", "mend"]
        assert each["status"] in {"ok", "warning", "error"}
        assert all(isinstance(value, str) for value in each.values())
        assert each["check"]
        assert each["found"]
        assert each["mend"] or each["status"] != "error"
    assert len({each["check"] for each in found}) == len(found)
    return code, found


def test_nothing_is_broken(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it, the table would show nothing."""
    code, found = as_json(stage, capsys)
    assert (code, {each["check"] for each in found if each["status"] != "ok"}) == (0, set())


@pytest.mark.parametrize("broken", ERRORS)
def test_an_error_is_named(stage: Stage, capsys: pytest.CaptureFixture[str], broken: str) -> None:
    fault, check, words, mend = ERRORS[broken]
    fault(stage)

    code, found = as_json(stage, capsys)

    errors = {each["check"]: each for each in found if each["status"] == "error"}
    assert (code, [*errors]) == (1, [check])
    assert words in errors[check]["found"]
    assert mend in errors[check]["mend"]
    code, text = asked(stage, capsys)
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"error    {check} "))
    assert mend in lines[at + 1]
    assert (code, "1 error" in lines[-1]) == (1, True)


@pytest.mark.parametrize("broken", WARNINGS)
def test_a_warning_is_named_and_the_exit_code_stays_0(
    stage: Stage, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    fault, check, words, mend = WARNINGS[broken]
    fault(stage)

    code, found = as_json(stage, capsys)

    others = {each["check"]: each for each in found if each["status"] != "ok"}
    assert (code, others[check]["status"]) == (0, "warning")
    assert words in others[check]["found"]
    assert mend in others[check]["mend"]
    assert [*others] == [check], "and nothing else is"


def test_a_certificate_that_the_user_vouches_for(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context, file = self_signed(tmp_path)
    url = stage.serve(
        200, EMPTY_LIST, tls=context, Content_Type=JSON, Date=format_datetime(datetime.now(UTC), usegmt=True)
    )
    stage.set(HW_ENDPOINT_MODELARTS=url, HW_PROJECT_ID="0" * 32, HW_CACERT_FILE=str(file))
    code, found = as_json(stage, capsys)
    assert code == 0
    assert "TLS with a trusted certificate" in next(e["found"] for e in found if e["check"] == "endpoint modelarts")
