"""Schemas, diagnostics and paths as protocol messages: pure conversions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostic
from modelarts_provider.framework.printable import one_line, printable
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Schema
from modelarts_provider.framework.schema.paths import Index, Key, Name, Path
from modelarts_provider.framework.schema.types import to_json

MARKDOWN: Final = 1
_MOST_OF_A_SUMMARY: Final = 300


def encode_schema(schema: Schema) -> dict[str, Any]:
    """The Schema message."""
    return {
        "version": schema.version,
        "block": {
            "version": schema.version,
            "attributes": encode_attributes(schema.attributes),
            "description": schema.description,
            "description_kind": MARKDOWN,
        },
    }


def encode_attributes(attributes: Mapping[str, Attribute]) -> list[dict[str, Any]]:
    """Schema.Attribute messages, by name as Terraform lists them."""
    return [_attribute(name, attribute) for name, attribute in sorted(attributes.items())]


def _attribute(name: str, attribute: Attribute) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": name,
        "description": attribute.description,
        "description_kind": MARKDOWN,
        "required": attribute.required,
        "optional": attribute.optional,
        "computed": attribute.computed,
        "sensitive": attribute.sensitive,
        "write_only": attribute.write_only,
        "deprecated": bool(attribute.deprecated),
    }
    if isinstance(attribute.type, Nested):
        message["nested_type"] = {
            "attributes": encode_attributes(attribute.type.attributes),
            "nesting": attribute.type.nesting.value,
        }
    else:
        message["type"] = json.dumps(to_json(attribute.type)).encode()
    return message


def encode_path(path: Path) -> dict[str, Any]:
    """The AttributePath message."""
    steps: list[dict[str, Any]] = []
    for step in path:
        match step:
            case Name(name):
                steps.append({"attribute_name": name})
            case Key(key):
                steps.append({"element_key_string": key})
            case Index(index):
                steps.append({"element_key_int": index})
    return {"steps": steps}


def _findable(path: Path) -> Path:
    """The part of a path that Terraform finds in the source: an attribute, with a key or an index behind it.

    It can't look into a nested attribute's members, and points to the resource's header instead (seen with 1.11). The
    whole path is in the summary.
    """
    nested = next((n for n, step in enumerate(path) if n and isinstance(step, Name)), len(path))
    return Path(path.steps[:nested])


def encode_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Diagnostic messages. The only line breaks are those of details: whatever else a terminal obeys is escaped here."""
    return [
        {
            "severity": int(item.severity),
            "summary": one_line(item.summary, _MOST_OF_A_SUMMARY),
            "detail": printable(item.detail, keep="\n"),
            **({} if item.path is None else {"attribute": encode_path(_findable(item.path))}),
        }
        for item in diagnostics
    ]
