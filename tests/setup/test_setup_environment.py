"""What of a caller's environment reaches our commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.environment import cleaned, for_npm, for_pip, with_loopback, with_path


@pytest.mark.parametrize(
    "name",
    [
        "HW_ACCESS_KEY",
        "HW_ENDPOINT_MODELARTS",
        "HUAWEICLOUD_SDK_AK",
        "TF_CLI_CONFIG_FILE",
        "TF_CLI_ARGS",
        "TF_PLUGIN_CACHE_DIR",
        "TF_REATTACH_PROVIDERS",
        "TERRAFORM_BINARY_NAME",
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV",
        "JSII_NODE",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONWARNINGS",
        "PYTHONOPTIMIZE",
        "PYTEST_ADDOPTS",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
        "PIP_USER",
        "PIP_TARGET",
        "PIP_NO_BINARY",
        "PIP_REQUIRE_VIRTUALENV",
        "NODE_ENV",
        "NODE_OPTIONS",
        "npm_config_prefix",
        "NPM_CONFIG_OMIT",
        "npm_lifecycle_event",
        "VIRTUAL_ENV",
        "MODELARTS_CDK",
    ],
)
def test_settings_of_other_work_are_left_out(name):
    assert name not in cleaned({name: "x"})


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "HOME",
        "LANG",
        "HTTPS_PROXY",
        "http_proxy",
        "SSL_CERT_FILE",
        "NODE_EXTRA_CA_CERTS",
        "PIP_INDEX_URL",
        "PIP_CERT",
        "PIP_NO_INDEX",
        "npm_config_registry",
        "NPM_CONFIG_CAFILE",
        "npm_config_//packages.example/:_authToken",
        "PYTHONUNBUFFERED",
        "TMPDIR",
    ],
)
def test_what_a_machine_needs_stays(name):
    assert cleaned({name: "x"})[name] == "x"


def test_a_prefix_can_be_let_through():
    env = cleaned({"TF_LOG": "debug", "TF_LOG_PROVIDER": "trace", "TF_CLI_ARGS": "-x"}, keep=["TF_LOG"])
    assert env["TF_LOG"] == "debug"
    assert env["TF_LOG_PROVIDER"] == "trace"
    assert "TF_CLI_ARGS" not in env


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "127.0.0.1,localhost,::1"),
        ("localhost", "localhost,127.0.0.1,::1"),
        (".corp.example, 10.0.0.0/8", ".corp.example,10.0.0.0/8,127.0.0.1,localhost,::1"),
        ("127.0.0.1,localhost,::1", "127.0.0.1,localhost,::1"),
        ("*", "*"),
    ],
)
def test_a_proxy_is_never_asked_for_this_machine(before, after):
    assert with_loopback(before) == after
    assert cleaned({"NO_PROXY": before})["no_proxy"] == after
    assert cleaned({"no_proxy": before})["NO_PROXY"] == after


def test_pip_is_kept_off_habits_that_break_a_locked_install():
    env = for_pip(
        {"PIP_USER": "1", "PIP_CONSTRAINT": "/somebody/constraints.txt", "PIP_INDEX_URL": "https://index.example"}
    )
    assert env["PIP_USER"] == "0"
    assert env["PIP_REQUIRE_VIRTUALENV"] == "0"
    assert env["PIP_CONSTRAINT"] == "/dev/null"
    assert env["PIP_INDEX_URL"] == "https://index.example"


def test_npm_trusts_the_systems_certificates(tmp_path):
    system, own = tmp_path / "system.pem", tmp_path / "own.pem"
    system.touch()
    own.touch()
    bundles = ["/nowhere.pem", str(system)]
    assert for_npm({}, bundles)["NODE_EXTRA_CA_CERTS"] == str(system)
    assert for_npm({"SSL_CERT_FILE": str(own)}, bundles)["NODE_EXTRA_CA_CERTS"] == str(own)
    assert for_npm({"SSL_CERT_FILE": "/gone.pem"}, bundles)["NODE_EXTRA_CA_CERTS"] == str(system)
    assert "NODE_EXTRA_CA_CERTS" not in for_npm({}, ["/nowhere.pem"])


def test_our_folders_come_first_on_path():
    assert with_path({"PATH": "/usr/bin::/bin"}, [Path("/a"), Path("/b")])["PATH"] == "/a:/b:/usr/bin:/bin"
