"""Known secrets through every way to log in, with the installed provider and Terraform's most talkative log: they arrive,
and are nowhere else: not in logs, output, state, saved plan or what a crash leaves, in no encoding."""

from __future__ import annotations

import base64
import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from secret_shapes import everything_in, found_in, shapes
from serving import served_provider
from terraform_workspace import CPU_8U, IMAGE, Workspace, binary, clean_environment
from watched_service import HOUR, Watched, watched_service

from modelarts_emulator.config import Config
from modelarts_emulator.identity import iam
from modelarts_emulator.identity.callers import Key, Token
from modelarts_provider.api.modelarts.notebooks import Notebooks

ACCESS = "KEYOFSOMEBODY"
SECRETS = {
    "secret key": 'S3cr/et+Key=&"of"<me>%',
    "temporary secret key": "T3mp/Secret+Key==<1>",
    "security token": "sts/t0k+en==&%of:me",
    "token": "MIIgiv/en+T0ken==&<x>",
    "password": 'Pa/ss+w0rd=&"ümläut<',
    "id token": "eyJhbG/ci+Oi.JS=&en<d",
    "proxy password": "pr0xy/pa+ss=w:ord",
}


@pytest.fixture(scope="module")
def service() -> Iterator[Watched]:
    first, *others = Config().users
    user = dataclasses.replace(
        first, name="somebody", password=SECRETS["password"], access_key=ACCESS, secret_key=SECRETS["secret key"]
    )
    with pytest.MonkeyPatch.context() as patch, watched_service(users=(user, *others)) as watched:
        patch.setattr(iam, "ID_TOKEN", SECRETS["id token"])
        yield watched


@pytest.fixture(scope="module")
def cli_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with the provider, and the file that leads Terraform to it."""
    mirror = tmp_path_factory.mktemp("mirror")
    install = [sys.executable, "-m", "modelarts_provider", "install", "--dir", str(mirror), "--print-config"]
    done = subprocess.run(install, env=clean_environment(), text=True, capture_output=True, check=True)
    file = mirror / "terraform.rc"
    file.write_text(done.stdout)
    return file


@dataclasses.dataclass
class Login:
    """A way to log in.

    Attributes:
        environment: Variables for it; ``{files}`` is a folder for files, ``{port}`` the service's.
        files: Files in that folder.
        arrives: What shows that the secret reached the service: header by name, with what it must hold.
        secrets: Names of the secrets that it uses.
    """

    environment: dict[str, str]
    arrives: dict[str, str]
    secrets: tuple[str, ...]
    files: dict[str, str] = dataclasses.field(default_factory=dict)


SIGNED = {"authorization": f"Access={ACCESS},"}
TEMPORARY = {"authorization": "Access=HST", "x-security-token": ""}
KEY = {"HW_ACCESS_KEY": ACCESS, "HW_SECRET_KEY": SECRETS["secret key"]}
GIVEN = {"access": "HSTGIVENTOSOMEBODY", "secret": SECRETS["temporary secret key"], "token": SECRETS["security token"]}
KOOCLI = {
    "current": "team",
    "authEncrypt": "false",
    "profiles": [
        {"name": "team", "mode": "SSO", "ssoAuth": {"stsToken": {"accessKeyId": GIVEN["access"], "secretAccessKey": GIVEN["secret"], "securityToken": GIVEN["token"]}}}
    ],
}  # fmt: skip
PASSWORD = {"HW_USER_NAME": "somebody", "HW_USER_PASSWORD": SECRETS["password"], "HW_DOMAIN_NAME": "emulator"}
OIDC = {"HW_ASSUME_ROLE_IDP_ID": iam.IDP_ID}
AGENCY = {"HW_ASSUME_ROLE_AGENCY_NAME": "own_agency", "HW_ASSUME_ROLE_DOMAIN_NAME": "emulator"}
THROUGH_PROXY = {
    "HW_ENDPOINT_MODELARTS": "http://modelarts.behind.invalid",
    "HTTP_PROXY": f"http://me:{quote(SECRETS['proxy password'], safe='')}@127.0.0.1:{{port}}",
}

LOGINS: dict[str, Login] = {
    "access key": Login(KEY, SIGNED, ("secret key",)),
    "temporary key": Login(
        {"HW_ACCESS_KEY": GIVEN["access"], "HW_SECRET_KEY": GIVEN["secret"], "HW_SECURITY_TOKEN": GIVEN["token"]},
        {"authorization": GIVEN["access"], "x-security-token": GIVEN["token"]},
        ("temporary secret key", "security token"),
    ),
    "token": Login({"HW_AUTH_TOKEN": SECRETS["token"]}, {"x-auth-token": SECRETS["token"]}, ("token",)),
    "password": Login(PASSWORD, {"x-auth-token": "MIIemulated"}, ("password",)),
    "OIDC id token": Login({**OIDC, "HW_ASSUME_ROLE_ID_TOKEN": SECRETS["id token"]}, TEMPORARY, ("id token",)),
    "OIDC id token file": Login(
        {**OIDC, "HW_ASSUME_ROLE_ID_TOKEN_FILE": "{files}/id-token"},
        TEMPORARY,
        ("id token",),
        {"id-token": SECRETS["id token"]},
    ),
    "agency": Login({**KEY, **AGENCY}, TEMPORARY, ("secret key",)),
    "ECS metadata": Login({"HW_ENDPOINT_METADATA": "http://127.0.0.1:{port}"}, TEMPORARY, ()),
    "KooCLI profile": Login(
        {"HW_SHARED_CONFIG_FILE": "{files}/config.json"},
        {"authorization": GIVEN["access"], "x-security-token": GIVEN["token"]},
        ("temporary secret key", "security token"),
        {"config.json": json.dumps(KOOCLI)},
    ),
    "SDK's credentials file": Login(
        {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "{files}/credentials"},
        SIGNED,
        ("secret key",),
        {"credentials": f"[basic]\nak = {ACCESS}\nsk = {SECRETS['secret key']}\n"},
    ),
    "proxy": Login(
        {"HW_AUTH_TOKEN": SECRETS["token"], **THROUGH_PROXY},  # a signature doesn't survive this stand-in for a proxy
        {
            "x-auth-token": SECRETS["token"],
            "proxy-authorization": base64.b64encode(f"me:{SECRETS['proxy password']}".encode()).decode(),
        },
        ("secret key", "proxy password"),
    ),
}


@pytest.fixture
def workspace(tmp_path: Path, cli_configuration: Path, service: Watched) -> Workspace:
    """Nothing of the login is in the configuration; what was given before this test is known to the service."""
    service.control.reset()
    service.headers.clear()
    user, project = service.emulator.config.users[0], service.emulator.config.projects[0]
    ends = service.wall() + HOUR
    service.emulator.identities.add_key(Key(GIVEN["access"], GIVEN["secret"], user, GIVEN["token"], ends))
    service.emulator.identities.add_token(Token(SECRETS["token"], user, project, service.wall(), ends))
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "files").mkdir()
    kept = {name: value for name, value in clean_environment().items() if not name.lower().endswith("_proxy")}
    environment = {**kept, "HOME": str(tmp_path / "home"), "TF_CLI_CONFIG_FILE": str(cli_configuration)}
    made = Workspace(folder, service.control, environment)
    made.provider_block = {"region": service.control.region, "project_id": service.control.project_id}
    url = service.control.url
    made.environment |= {"HW_ENDPOINT_MODELARTS": url, "HW_ENDPOINT_IAM": url, "HW_ENDPOINT_STS": url}
    made.environment |= {"TF_LOG": "TRACE", "TF_LOG_PATH": str(folder / "trace.log")}
    return made


def lived(workspace: Workspace, service: Watched) -> tuple[str, dict[str, str]]:
    """A notebook's life with saved plans and an update that is refused: what was printed, and what secrets came back."""
    workspace.configure()
    printed = [workspace.run("init", machine=False).text]
    printed.append(workspace.plan("-out=saved.plan").ok().text)
    printed.append(workspace.run("apply", "-input=false", "saved.plan").ok().text)
    token = str(workspace.there()["token"])
    workspace.configure(flavor=CPU_8U)
    service.control.add_fault(operation="UpdateNotebook", status=400, error_code="ModelArts.6792", error_msg="no")
    printed.append(workspace.apply().failed().text)
    printed.append(workspace.plan("-out=second.plan").ok().text)
    issued = {f"given out {number}": secret for number, secret in enumerate(sorted(service.issued))}
    return "".join(printed), {"the notebook's token": token, **issued}


@pytest.mark.parametrize("name", LOGINS)
def test_a_secret_arrives_and_is_nowhere(workspace: Workspace, service: Watched, name: str) -> None:
    login = LOGINS[name]
    places = {"files": str(workspace.folder.parent / "files"), "port": service.control.url.rpartition(":")[2]}
    for file, text in login.files.items():
        Path(places["files"], file).write_text(text)
    workspace.environment |= {variable: text.format(**places) for variable, text in login.environment.items()}

    printed, theirs = lived(workspace, service)

    for header, part in login.arrives.items():
        assert [headers for headers in service.headers if part in headers.get(header, "")], f"no {header} with {part!r}"
    refused = [call for call in service.control.requests() if call["status"] in (401, 403)]
    assert refused == [], "what is looked for was not what the service took"
    secrets = {secret: SECRETS[secret] for secret in login.secrets} | theirs
    assert found_in(printed.encode(), secrets) == []
    looked_at = dict(everything_in(workspace.folder))
    assert {"trace.log", "terraform.tfstate", "saved.plan:tfplan", "saved.plan:tfstate", "second.plan:tfplan"} <= set(
        looked_at
    )
    assert b"API call" in looked_at["trace.log"], "the provider's own lines are in the log"
    assert {file: found for file, data in looked_at.items() if (found := found_in(data, secrets))} == {}


def test_secrets_in_the_configuration_are_where_terraform_puts_them_and_nowhere_else(
    workspace: Workspace, service: Watched
) -> None:
    """Terraform keeps the configuration and the values of its variables in a plan file. That is its doing, and stays so:
    the planned and prior states, private data and everything else hold none."""
    workspace.provider_block |= {
        "access_key": ACCESS,
        "secret_key": SECRETS["secret key"],
        "password": SECRETS["password"],
    }
    workspace.provider_block |= {"security_token": None, "token": None}
    printed, theirs = lived(workspace, service)
    secrets = {name: SECRETS[name] for name in ("secret key", "password")} | theirs

    assert [headers for headers in service.headers if ACCESS in headers.get("authorization", "")]
    holding = {file for file, data in everything_in(workspace.folder) if found_in(data, secrets)}
    assert holding == {"main.tf.json", "saved.plan:tfconfig/m-/main.tf.json", "second.plan:tfconfig/m-/main.tf.json"}
    shown = workspace.run("show", "-json", "second.plan", machine=False).text
    document = json.loads(shown)
    document.pop("configuration")
    assert document["resource_changes"]
    assert document["prior_state"]
    assert found_in(json.dumps(document).encode(), secrets) == []
    without = printed.replace(json.dumps(SECRETS["secret key"])[1:-1], "")  # the configuration that `show` repeats
    assert found_in(without.encode(), theirs) == []


def test_secrets_in_variables(workspace: Workspace, service: Watched) -> None:
    workspace.provider_block |= {"access_key": ACCESS, "secret_key": "${var.secret_key}"}
    workspace.environment["TF_VAR_secret_key"] = SECRETS["secret key"]
    workspace.write(
        {
            "variable": {"secret_key": {"type": "string", "sensitive": True}},
            "resource": {"modelarts_notebook": {"this": {"name": "nb", "flavor": CPU_8U, "image_id": IMAGE, "storage": {"size": 10}}}},
        }
    )  # fmt: skip
    workspace.run("init", machine=False)
    printed = workspace.plan("-out=saved.plan").ok().text
    printed += workspace.run("apply", "-input=false", "saved.plan").ok().text
    workspace.plan("-out=second.plan").ok()

    secrets = {"secret key": SECRETS["secret key"]}
    holding = {file for file, data in everything_in(workspace.folder) if found_in(data, secrets)}
    assert holding == {"saved.plan:tfplan", "second.plan:tfplan"}, "the variable's value, which Terraform keeps"
    document = json.loads(workspace.run("show", "-json", "second.plan", machine=False).text)
    assert document.pop("variables")["secret_key"]["value"] == SECRETS["secret key"]
    assert found_in(json.dumps(document).encode(), secrets) == []
    assert found_in(printed.encode(), secrets) == []
    assert [headers for headers in service.headers if ACCESS in headers.get("authorization", "")]


@pytest.mark.parametrize("name", ["access key", "token", "password"])
def test_what_a_crash_leaves(
    workspace: Workspace, service: Watched, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A defect of the provider, raised where a request has just been made: its traceback and its diagnostic."""
    usual: Callable[..., Any] = Notebooks.create

    async def create(self: Notebooks, body: Any) -> Any:
        await usual(self, body)
        raise RuntimeError("injected")

    logged: list[str] = []
    login = LOGINS[name]
    monkeypatch.setattr(Notebooks, "create", create)
    with served_provider({**workspace.environment, **login.environment}, logged.append) as value:
        workspace.environment["TF_REATTACH_PROVIDERS"] = value
        workspace.configure()
        command = ["apply", "-input=false", "-auto-approve", "-no-color"]
        done = subprocess.run(
            [binary(), *command], cwd=workspace.folder, env=workspace.environment, text=True, capture_output=True, check=False
        )  # fmt: skip

    assert "met a defect of its own" in done.stderr
    assert "injected" in "".join(logged)
    secrets = {secret: SECRETS[secret] for secret in login.secrets}
    secrets |= {f"given out {number}": secret for number, secret in enumerate(sorted(service.issued))}
    for text in (done.stdout, done.stderr, *logged):
        assert found_in(text.encode(), secrets) == []
    assert {file: found for file, data in everything_in(workspace.folder) if (found := found_in(data, secrets))} == {}


@pytest.mark.parametrize("name", SECRETS)
def test_each_shape_is_found(name: str, tmp_path: Path) -> None:
    """The positive control: in whatever shape a secret is put, in a file or a plan's member, it is found."""
    secret = SECRETS[name]
    for shape, form in shapes(secret).items():
        assert shape in " ".join(found_in(b"before " + form + b" after", {name: secret}))
    for before in ("", "x", "xy"):
        blob = base64.b64encode(f"{before}{secret}, and more".encode())
        assert found_in(blob, {name: secret})
    assert found_in(b"nothing of the kind", {name: secret}) == []
    (tmp_path / "a.log").write_text(secret)
    assert [file for file, data in everything_in(tmp_path) if found_in(data, {name: secret})] == ["a.log"]
