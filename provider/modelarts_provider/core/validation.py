"""Checks of a configuration before any call: each attribute's validators, with the attribute's path."""

from __future__ import annotations

from typing import Any

from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.paths import Path
from modelarts_provider.core.schema import Schema
from modelarts_provider.core.values import UNKNOWN
from modelarts_provider.core.walk import walk


def validate(schema: Schema, config: dict[str, Any]) -> Diagnostics:
    """Run every validator on every known, non-null value.

    The path is repeated in the text: Terraform shows a path into a collection at the resource's header only.
    """
    found = Diagnostics()
    for at, attribute, value in walk(schema.attributes, config):
        if value is None or value is UNKNOWN:
            continue
        if attribute.deprecated:
            found.warning(f"{at} is deprecated", attribute.deprecated, at)
        for validator in attribute.validators:
            for below, problem in validator.check(value):
                where = Path((*at.steps, *below.steps))
                found.error(f"Invalid value for {where}", f"{where} {problem}.", where)
    return found
