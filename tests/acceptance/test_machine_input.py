"""What a machine may have set or stored: one sentence in Terraform, no call, no wait, no traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from serving import served_provider
from terraform_workspace import Run, Workspace, clean_environment

from modelarts_emulator.testing import Control

Serve = Callable[[dict[str, str]], Workspace]
KEY = {"name": "default", "accessKeyId": "emulator-access-key", "secretAccessKey": "emulator-secret-key"}


@pytest.fixture
def serve(tmp_path: Path, emulator: Control, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """A workspace whose provider block says nothing but the endpoints, and whose provider has these variables."""
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with ExitStack() as providers:

        def with_variables(variables: dict[str, str]) -> Workspace:
            login = {
                "HW_REGION_NAME": emulator.region,
                "HW_ACCESS_KEY": emulator.access_key,
                "HW_SECRET_KEY": emulator.secret_key,
            }
            given = {**login, **variables}
            value = providers.enter_context(served_provider(environment={k: v for k, v in given.items() if v}))
            workspace = Workspace(tmp_path, emulator, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})
            workspace.provider_block = {"endpoints": workspace.provider_block["endpoints"]}
            workspace.configure()
            return workspace

        yield with_variables


def said(run: Run) -> str:
    return " ".join(run.failed().error_text().split())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HW_REGION_NAME", "evil.example/x"),
        ("HW_CLOUD", "evil.example/x"),
        ("HW_MAX_RETRIES", "abc"),
        ("HW_MAX_RETRIES", "-1"),
        ("HW_MAX_RETRIES", str(10**30)),
        ("HW_REQUESTS_PER_SECOND", "-5"),
        ("HW_PROJECT_ID", "../../elsewhere"),
        ("HW_ENDPOINT_STS", "http://host:99999"),
        ("HW_AUTH_URL", "iam.example.com/v3"),
    ],
)
def test_a_variable(serve: Serve, emulator: Control, variable: str, value: str) -> None:
    text = said(serve({variable: value}).plan())
    assert f"The environment variable {variable} can't be used: it must " in text
    assert "Nothing was called." in text
    assert value not in text
    assert emulator.requests() == []


@pytest.mark.parametrize(("name", "value"), [("region", "evil.example/x"), ("cloud", "evil.example/x")])
def test_the_provider_block(serve: Serve, emulator: Control, name: str, value: str) -> None:
    workspace = serve({})
    workspace.provider_block[name] = value
    workspace.configure()
    assert f"Invalid value for {name}" in said(workspace.plan())
    assert emulator.requests() == []


def pipe(path: Path) -> str:
    os.mkfifo(path)
    return str(path)


def large(path: Path) -> str:
    with path.open("wb") as file:
        file.truncate(1024**3)
    return str(path)


def koocli(path: Path, document: Any) -> str:
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


FILES: dict[str, tuple[Callable[[Path], str], str]] = {
    "a pipe": (pipe, "it is a named pipe"),
    "/dev/zero": (lambda _: "/dev/zero", "it is a device"),
    "a folder": (lambda path: str(path.parent), "it is a folder"),
    "a gigabyte": (large, "it is larger than"),
    "nothing": (str, "does not exist"),
}


@pytest.mark.parametrize("variable", ["HW_SHARED_CONFIG_FILE", "HUAWEICLOUD_SDK_CREDENTIALS_FILE", "HW_CACERT_FILE"])
@pytest.mark.parametrize("case", FILES)
def test_a_file(serve: Serve, emulator: Control, tmp_path: Path, variable: str, case: str) -> None:
    make, words = FILES[case]
    text = said(serve({variable: make(tmp_path / "file")}).plan())
    assert "Unable to configure the provider" in text
    assert words in text
    assert emulator.requests() == []


@pytest.mark.parametrize(
    "document",
    [
        "[" * 100_000,
        {"profiles": 5},
        {"current": {}, "profiles": [5, [], {"name": ["default"]}]},
        {"profiles": [{**KEY, "accessKeyId": {"a": 1}}]},
        {"profiles": [{**KEY, "region": "evil.example/x"}]},
        {"profiles": [{**KEY, "region": "\ud800"}]},
    ],
    ids=["deep", "a number", "other types", "a key of another type", "a region that is none", "half a surrogate pair"],
)
def test_koocli_s_file(serve: Serve, emulator: Control, tmp_path: Path, document: Any) -> None:
    variables = {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": "", "HW_REGION_NAME": ""}
    text = said(serve({**variables, "HW_SHARED_CONFIG_FILE": koocli(tmp_path / "config.json", document)}).plan())
    assert "Unable to configure the provider" in text
    assert "config.json" in text
    assert "Nothing was called." in text
    assert emulator.requests() == []


@pytest.mark.parametrize("case", [case for case in FILES if case != "nothing"])
def test_an_id_token_file(serve: Serve, tmp_path: Path, case: str) -> None:
    make, words = FILES[case]
    login = {"HW_ACCESS_KEY": "", "HW_SECRET_KEY": "", "HW_ASSUME_ROLE_IDP_ID": "emulator-idp"}
    workspace = serve({**login, "HW_ASSUME_ROLE_ID_TOKEN_FILE": make(tmp_path / "token")})
    text = said(workspace.apply())
    assert words in text
    assert "Nothing was created." in text


@pytest.mark.parametrize(
    "proxy", ["http://me:hunter2@:80", "me:hunter2@proxy:port", "http://me:hunter2@proxy:99999", "http://a\x01b"]
)
def test_a_proxy_that_is_none(serve: Serve, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    workspace = serve({})
    monkeypatch.setenv("HTTP_PROXY", proxy)
    text = said(workspace.apply())
    assert "the environment's proxy setting HTTP_PROXY can't be used" in text
    assert "Nothing was created." in text
    assert "hunter2" not in text


def test_a_network_in_no_proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = serve({})
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8")
    assert "through the proxy http://127.0.0.1:9" in said(workspace.apply())
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8, 127.0.0.0/8")
    with served_provider(environment={"HW_REGION_NAME": "cn-north-4", "HW_ACCESS_KEY": "emulator-access-key",
                                      "HW_SECRET_KEY": "emulator-secret-key"}) as value:  # fmt: skip
        workspace.environment["TF_REATTACH_PROVIDERS"] = value
        workspace.apply().ok()
