"""The environment that the project's commands run in, whatever the calling shell has set.

A test or a demo must do the same on every machine, so what belongs to the caller's other work (cloud credentials,
Terraform's own settings, a Python path) is taken out, while what the machine needs to reach the network (proxies,
certificates, package indexes) stays.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# Prefix of a name -> why it must not reach our commands.
FOREIGN_PREFIXES: Mapping[str, str] = {
    "HW_": "the provider's settings: the caller's real account",
    "HUAWEICLOUD_": "the official SDK's settings: the caller's real account",
    "MODELARTS_": "our own switches, set by these tools alone",
    "TF_": "Terraform's settings: a missing TF_CLI_CONFIG_FILE, TF_CLI_ARGS, a shared plugin cache",
    "TERRAFORM_": "which binary cdktf calls is decided by the set-up",
    "TOFU_": "as TF_, for OpenTofu",
    "CDKTF_": "cdktf's own switches",
    "JSII_": "which node jsii runs is decided by the set-up",
    "PYTEST_": "a caller's PYTEST_ADDOPTS or disabled plugin loading changes what `make test` runs",
    "PYTHON": "another Python's home, path, warning and byte-code settings",
    "COVERAGE_": "another run's measurement",
}
FOREIGN_NAMES: Mapping[str, str] = {
    "NODE_ENV": "production would leave packages out",
    "NODE_OPTIONS": "may preload code that only exists elsewhere",
    "NODE_PATH": "other packages would be found first",
    "VIRTUAL_ENV": "names another environment than .venv",
    "__PYVENV_LAUNCHER__": "sends a framework Python back to its own environment",
}
# Of the names above, those that are no setting of the caller's other work.
OURS = frozenset({"PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "MODELARTS_PYTHON_CHOSEN"})

# pip and npm read any option from the environment; only those that say how to reach packages are handed on.
PIP_SETTINGS = frozenset(
    {
        "PIP_CACHE_DIR", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_KEYRING_PROVIDER", "PIP_NO_CACHE_DIR", "PIP_NO_INDEX", "PIP_PROXY",
        "PIP_RETRIES", "PIP_TIMEOUT", "PIP_TRUSTED_HOST",
    }
)  # fmt: skip
NPM_SETTINGS = frozenset(
    {
        "cache", "ca", "cafile", "cert", "https_proxy", "key", "maxsockets", "noproxy", "offline", "prefer_offline",
        "proxy", "registry", "replace_registry_host", "strict_ssl", "userconfig",
    }
)  # fmt: skip
# Where systems keep the certificates that their owner trusts, an organisation's own among them.
SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_foreign(name: str, keep: Iterable[str] = ()) -> bool:
    """Says whether a variable belongs to the caller's other work.

    Args:
        name: The variable's name.
        keep: Prefixes that are let through this time, such as `TF_LOG`.
    """
    if name in OURS or any(name.startswith(prefix) for prefix in keep):
        return False
    if name.startswith("PIP_"):
        return name not in PIP_SETTINGS
    if name.lower().startswith("npm_"):
        setting = name.lower().removeprefix("npm_config_").replace("-", "_")
        return setting not in NPM_SETTINGS and "//" not in name
    return name in FOREIGN_NAMES or any(name.startswith(prefix) for prefix in FOREIGN_PREFIXES)


def with_loopback(value: str) -> str:
    """Adds this machine's own addresses to a NO_PROXY list, so that a proxy is never asked for the emulator."""
    hosts = [host.strip() for host in value.split(",") if host.strip()]
    return ",".join(hosts if "*" in hosts else [*hosts, *(host for host in LOOPBACK if host not in hosts)])


def cleaned(environ: Mapping[str, str], keep: Iterable[str] = ()) -> dict[str, str]:
    """Returns the environment without what would bend our commands, and with loopback kept off proxies.

    Args:
        environ: The caller's environment.
        keep: Prefixes of names to let through although they are the caller's.
    """
    kept = tuple(keep)
    env = {name: value for name, value in environ.items() if not is_foreign(name, kept)}
    no_proxy = with_loopback(environ.get("no_proxy") or environ.get("NO_PROXY", ""))
    return env | {"NO_PROXY": no_proxy, "no_proxy": no_proxy, "CHECKPOINT_DISABLE": "1"}


def for_pip(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment for pip: its configuration files' habits that break a locked install are overruled."""
    return cleaned(environ) | {
        "PIP_CONSTRAINT": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_USER": "0",
    }


def for_npm(environ: Mapping[str, str], bundles: Iterable[str] = SYSTEM_CERTIFICATES) -> dict[str, str]:
    """Returns the environment for npm, which trusts the system's certificates then as well as those built into Node.

    Args:
        environ: The caller's environment; its own NODE_EXTRA_CA_CERTS or SSL_CERT_FILE comes first.
        bundles: Files to look for otherwise.
    """
    env = cleaned(environ)
    candidates = [environ.get("NODE_EXTRA_CA_CERTS", ""), environ.get("SSL_CERT_FILE", ""), *bundles]
    found = next((bundle for bundle in candidates if bundle and os.access(bundle, os.R_OK)), None)
    return env if found is None else env | {"NODE_EXTRA_CA_CERTS": found}


def with_path(env: Mapping[str, str], folders: Iterable[Path]) -> dict[str, str]:
    """Returns the environment with folders put first on PATH."""
    rest = [folder for folder in env.get("PATH", os.defpath).split(os.pathsep) if folder]
    return {**env, "PATH": os.pathsep.join([*(str(folder) for folder in folders), *rest])}
