"""The environment that the project's commands run in: the same on every machine, whatever the calling shell has set.

What belongs to the caller's other work is taken out, and what it takes to reach the network stays.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

# Accounts, switches of ours and of the programs that we start, another Python's home and path, and what would make Node
# leave packages out or load others.
_FOREIGN = re.compile(
    r"(HW|HUAWEICLOUD|MODELARTS|TF|TERRAFORM|TOFU|CDKTF|JSII|PYTEST|COVERAGE)_"
    r"|PYTHON(?!UNBUFFERED|IOENCODING|UTF8)|(NODE_ENV|NODE_OPTIONS|NODE_PATH|VIRTUAL_ENV|__PYVENV_LAUNCHER__)$"
    # pip, uv and npm read any option from the environment; those that say how to reach packages are handed on.
    r"|(?i:(PIP|UV|NPM)_(?!.*(AUTH|CA$|CACHE|CAFILE|CERT|CONFIG_FILE|HOST|INDEX|KEY|LINK|OFFLINE|PROXY|REGISTRY|RETRIES"
    r"|SSL|TIMEOUT|TLS|USERCONFIG|//)))"
)
# Where systems keep the certificates that their owner trusts, an organisation's own among them.
SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def with_loopback(value: str) -> str:
    """Adds this machine's own addresses to a NO_PROXY list, so that a proxy is never asked for the emulator."""
    hosts = [host.strip() for host in value.split(",") if host.strip()]
    return ",".join(hosts if "*" in hosts else dict.fromkeys([*hosts, "127.0.0.1", "localhost", "::1"]))


def cleaned(environ: Mapping[str, str], keep: Iterable[str] = ()) -> dict[str, str]:
    """Returns the environment without the caller's other work, but for names with a prefix to keep, as `TF_LOG`."""
    kept = tuple(keep)
    env = {name: value for name, value in environ.items() if name.startswith(kept) or not _FOREIGN.match(name)}
    no_proxy = with_loopback(environ.get("no_proxy") or environ.get("NO_PROXY", ""))
    return env | {"NO_PROXY": no_proxy, "no_proxy": no_proxy, "CHECKPOINT_DISABLE": "1"}


def for_pip(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment for pip: its configuration files' habits that break a locked install are overruled."""
    habits = {"PIP_CONSTRAINT": os.devnull, "PIP_NO_INPUT": "1", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"}
    return cleaned(environ) | habits | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def for_npm(environ: Mapping[str, str], bundles: Iterable[str] = SYSTEM_CERTIFICATES) -> dict[str, str]:
    """Returns the environment for npm: it trusts the system's certificates then as well as those built into Node."""
    candidates = [environ.get("NODE_EXTRA_CA_CERTS", ""), environ.get("SSL_CERT_FILE", ""), *bundles]
    found = next((bundle for bundle in candidates if bundle and os.access(bundle, os.R_OK)), None)
    return cleaned(environ) | ({} if found is None else {"NODE_EXTRA_CA_CERTS": found})


def with_path(env: Mapping[str, str], folders: Iterable[Path]) -> dict[str, str]:
    """Returns the environment with folders put first on PATH."""
    rest = [folder for folder in env.get("PATH", os.defpath).split(os.pathsep) if folder]
    return {**env, "PATH": os.pathsep.join([*map(str, folders), *rest])}
