"""TF_LOG_PROVIDER=DEBUG with the installed provider: each call is a line, origins are told, secrets are nowhere."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from terraform_workspace import CPU_8U, Workspace, clean_environment

from modelarts_emulator import testing
from modelarts_emulator.config import Config
from modelarts_emulator.emulator import Emulator
from modelarts_emulator.http.app import create_app
from modelarts_emulator.testing import Control, running_emulator

SECRET_KEY = "a-secret-key-that-really-signs"
UNUSED = {"security_token": "a-security-token-that-is-sent", "password": "a-password-that-nobody-needs"}
SCRIPT = "/home/ma-user/work/with-a-secret-argument.sh"

SIGNED = {"secret_key": SECRET_KEY}
LOGINS: dict[str, dict[str, Any]] = {
    "access key": SIGNED | {"access_key": "key-of-somebody"},
    "agency": SIGNED
    | {
        "access_key": "key-of-somebody",
        "assume_role": [{"agency_name": "own_agency", "domain_name": "emulator"}],
    },
}
"""Every login's secrets are looked for in test_secrets_everywhere.py; here is how lines look that hold some."""


@dataclasses.dataclass
class Watched:
    """An emulator with users of our own, and all that it was sent."""

    control: Control
    emulator: Emulator
    headers: list[dict[str, str]]

    @property
    def issued(self) -> set[str]:
        """Every token and temporary secret that it gave out."""
        identities = self.emulator.identities
        keys = [key for key in identities.keys.values() if key.security_token]
        return {*identities.tokens, *(key.secret for key in keys), *(str(key.security_token) for key in keys)}


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    first, *others = Config().users
    user = dataclasses.replace(first, name="somebody", access_key="key-of-somebody", secret_key=SECRET_KEY)
    made: list[Any] = []
    headers: list[dict[str, str]] = []

    def listening(*arguments: Any, **settings: Any) -> Any:
        app = create_app(*arguments, **settings)
        made.append(app.state.emulator)
        gateway = app.router.default

        async def listen(scope: Any, receive: Any, send: Any) -> None:
            headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
            await gateway(scope, receive, send)

        app.router.default = listen
        return app

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(testing, "create_app", listening)
        with running_emulator(users=(user, *others)) as control:
            yield Watched(control, made[0], headers)


@pytest.fixture(scope="module")
def cli_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with the provider, and the file that leads Terraform to it."""
    mirror = tmp_path_factory.mktemp("mirror")
    install = [sys.executable, "-m", "modelarts_provider", "install", "--dir", str(mirror)]
    for arguments in (install, [*install, "--print-config"]):
        done = subprocess.run(arguments, env=clean_environment(), text=True, capture_output=True, check=True)
    file = mirror / "terraform.rc"
    file.write_text(done.stdout)
    return file


@pytest.fixture
def installed(tmp_path: Path, cli_configuration: Path, watched: Watched) -> Workspace:
    watched.control.reset()
    watched.headers.clear()
    environment = {**clean_environment(), "TF_CLI_CONFIG_FILE": str(cli_configuration)}
    made = Workspace(tmp_path, watched.control, environment)
    made.provider_block |= {"access_key": None, "secret_key": None}
    return made


def log_of(workspace: Workspace, level: str = "DEBUG", variable: str = "TF_LOG_PROVIDER") -> Path:
    file = workspace.folder / f"{level}.log"
    workspace.environment |= {variable: level, "TF_LOG_PATH": str(file)}
    return file


def initialised(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    assert workspace.run("init", machine=False).code == 0


def lines(text: str, message: str) -> list[str]:
    return [line for line in text.splitlines() if f": {message}: " in line]


@pytest.mark.parametrize("login", LOGINS)
def test_no_secret_at_any_depth(installed: Workspace, watched: Watched, login: str) -> None:
    """Create, update, a refused call and destroy; the provider has received every secret that is looked for."""
    installed.provider_block |= LOGINS[login]
    initialised(installed, hooks={"pre_start": {"script": SCRIPT}})
    file = log_of(installed)

    printed = [installed.apply().ok().text]
    token = installed.there()["token"]
    watched.control.add_fault(operation="UpdateNotebook", status=400, error_code="ModelArts.6792", error_msg="no")
    installed.configure(flavor=CPU_8U, hooks={"pre_start": {"script": SCRIPT}})
    printed.append(installed.apply().failed().text)
    watched.control.clear_faults()
    printed.append(installed.apply().ok().text)
    state = (installed.folder / "terraform.tfstate").read_text()
    printed.append(installed.destroy().ok().text)

    log = file.read_text()
    secrets = {SECRET_KEY, token, SCRIPT, *watched.issued}
    assert_received(watched, login, log)
    for secret in secrets:
        assert secret not in log, f"a secret of {login} is in the log"
        assert secret not in "".join(printed), f"a secret of {login} was printed"
        assert secret == SCRIPT or secret not in state, f"a secret of {login} is in the state"
    assert "Signature=" not in log
    assert "SDK-HMAC-SHA256" not in log


def assert_received(watched: Watched, login: str, log: str) -> None:
    """Without this, looking for secrets would prove nothing."""
    sent = {name for headers in watched.headers for name in headers}
    calls = [call for call in watched.control.requests() if call["status"] and call["status"] < 300]
    assert "authorization" in sent
    assert ("x-security-token" in sent) == (login == "agency")
    assert bool(watched.issued) == (login != "access key"), "a login that gives out secrets gave none out"
    assert {call["operation"] for call in calls} >= {"CreateNotebook", "UpdateNotebook", "DeleteNotebook"}
    assert any("token:***" in line for line in lines(log, "API call")), "the notebook's token came, and was masked"
    assert any("script:*** (" in line for line in lines(log, "API call"))


def test_each_call_is_a_line(installed: Workspace, watched: Watched) -> None:
    installed.provider_block |= LOGINS["access key"]
    initialised(installed)
    file = log_of(installed)
    watched.control.add_fault(operation="ShowNotebook", status=503, count=2)

    installed.apply().ok()

    text = file.read_text()
    calls = lines(text, "API call")
    asked = watched.control.requests()
    assert [(field(line, "method"), field(line, "status"), field(line, "request_id")) for line in calls] == [
        (call["method"], str(call["status"]), call["request_id"]) for call in asked
    ]
    for line, call in zip(calls, asked, strict=True):
        assert call["path"].endswith(field(line, "path"))
        assert int(field(line, "ms")) >= 0
        headline = f"API call: {call['method']} {field(line, 'path')}: {call['status']} in {field(line, 'ms')} ms"
        assert f"{headline} (attempt {field(line, 'attempt')}, request id {call['request_id']}): " in line
    shown = [line for line in calls if "status=503" in line or "attempt=3" in line]
    assert [(field(line, "attempt"), field(line, "status")) for line in shown] == [
        ("1", "503"),
        ("2", "503"),
        ("3", "200"),
    ]
    again = lines(text, "API call will be tried again")
    assert [field(line, "attempt") for line in again] == ["1", "2"]
    assert all(float(field(line, "retry_in_s")) > 0 for line in again)
    assert all(f": in {field(line, 'retry_in_s')} s (attempt " in line for line in again)


def field(line: str, name: str) -> str:
    return line.split(f" {name}=", 1)[1].split(" ", 1)[0]


def test_origins_are_told_and_never_values(installed: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "koocli.json"
    profile = {
        "name": "team",
        "mode": "AKSK",
        "accessKeyId": "key-of-somebody",
        "secretAccessKey": SECRET_KEY,
        "region": "cn-north-4",
        "projectId": installed.emulator.project_id,
    }
    file.write_text(json.dumps({"current": "team", "profiles": [profile]}))
    installed.provider_block |= {"region": None, "project_id": None, "shared_config_file": str(file)}
    initialised(installed)
    installed.environment |= {"HW_MAX_RETRIES": "7", "HW_PROFILE": "team"}
    log = log_of(installed)

    installed.plan().ok()

    told = lines(log.read_text(), "settings")
    assert told
    for line in told:
        assert "endpoints.modelarts=configuration" in line
        assert 'max_retries="environment HW_MAX_RETRIES"' in line
        assert 'profile="environment HW_PROFILE"' in line
        assert "insecure=default" in line
        assert f"region=\"file {file}, profile 'team'\"" in line
        assert f"project_id=\"file {file}, profile 'team'\"" in line
        assert SECRET_KEY not in line
        assert installed.emulator.url not in line


@pytest.mark.parametrize(("variable", "level"), [("TF_LOG", "TRACE"), ("TF_LOG", "JSON"), ("TF_LOG_PROVIDER", "INFO")])
def test_other_levels(installed: Workspace, variable: str, level: str) -> None:
    """Terraform's own lines too hold no secret; calls are told from DEBUG on."""
    installed.provider_block |= LOGINS["access key"] | UNUSED
    initialised(installed)
    file = log_of(installed, level, variable)

    printed = installed.plan().text

    text = file.read_text() + printed
    assert not [secret for secret in (SECRET_KEY, *UNUSED.values()) if secret in text]
    assert ("settings" in text and "max_retries" in text) == (level != "INFO")


def test_without_the_variable_nothing_is_logged(installed: Workspace) -> None:
    installed.provider_block |= LOGINS["access key"]
    initialised(installed)
    assert "API call" not in installed.apply().ok().text
