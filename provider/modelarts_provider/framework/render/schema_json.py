"""Schemas as ``terraform providers schema -json`` prints them (format 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from modelarts_provider.framework.schema.attributes import Attribute, Nested, Schema
from modelarts_provider.framework.schema.types import to_json

FORMAT: Final = "1.0"


def schema_json(provider: Schema, resources: Mapping[str, Schema], source: str) -> dict[str, Any]:
    """The whole document.

    Args:
        provider: The schema of the provider block.
        resources: Schemas by full type.
        source: The provider's source address, the key under ``provider_schemas``.
    """
    return {
        "format_version": FORMAT,
        "provider_schemas": {
            source: {
                "provider": _schema(provider),
                "resource_schemas": {name: _schema(schema) for name, schema in sorted(resources.items())},
            }
        },
    }


def _schema(schema: Schema) -> dict[str, Any]:
    return {
        "version": schema.version,
        "block": {
            "attributes": _attributes(schema.attributes),
            "description": schema.description,
            "description_kind": "markdown",
        },
    }


def _attributes(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    return {name: _attribute(attribute) for name, attribute in sorted(attributes.items())}


def _attribute(attribute: Attribute) -> dict[str, Any]:
    document: dict[str, Any] = {}
    if isinstance(attribute.type, Nested):
        document["nested_type"] = {
            "attributes": _attributes(attribute.type.attributes),
            "nesting_mode": attribute.type.nesting.name.lower(),
        }
    else:
        document["type"] = to_json(attribute.type)
    if attribute.description:
        document["description"] = attribute.description
    document["description_kind"] = "markdown"
    flags = {
        "deprecated": bool(attribute.deprecated),
        "required": attribute.required,
        "optional": attribute.optional,
        "computed": attribute.computed,
        "sensitive": attribute.sensitive,
        "write_only": attribute.write_only,
    }
    return document | {name: True for name, flag in flags.items() if flag}
