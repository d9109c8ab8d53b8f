"""The command itself: all checks, in the order in which one would mend them."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from itertools import chain
from typing import Final

from modelarts_provider.doctor import service
from modelarts_provider.doctor.configured import check_files, check_settings, read_settings, secrets_of
from modelarts_provider.doctor.findings import Finding, as_json, as_text, has_error, not_checked, ok, without
from modelarts_provider.doctor.machine import Machine, check_machine

SCOPE: Final = ok(
    "what is read",
    "the environment and login files, as a provider block that sets nothing would; a provider block of a Terraform "
    "configuration is not read: what it sets goes before what is said here",
)


def run(*, region: str | None = None, json: bool = False) -> int:
    """Look at everything and print what was found; 1 where something keeps the provider from working, else 0."""
    findings = examine(region, os.environ)
    sys.stdout.write(as_json(findings) if json else as_text(findings))
    return 1 if has_error(findings) else 0


def examine(region: str | None, environment: Mapping[str, str], now: service.Now = service.now) -> list[Finding]:
    """Every finding. Proxies and certificates are taken from this process's own environment, as ever.

    Args:
        region: Goes before the environment's.
        environment: The variables that settings are read from.
        now: This machine's clock, for tests.
    """
    local = check_machine(Machine(environment))
    settings, found = read_settings(region, environment)
    if settings is None:
        return without([SCOPE, *found, not_checked("service", "the settings can't be read"), *local], ())
    files, about_files = check_files(settings)
    found = [SCOPE, *check_settings(settings, files), *found, *about_files]
    if has_error(about_files):
        found.append(not_checked("service", "a file that the settings name can't be used"))
    else:
        found += asyncio.run(service.check_service(settings, files, now))
    return without(chain(found, local), secrets_of(settings, files))
