"""Holds answers against the OpenAPI document: status, schema, and error code of the operation."""

from __future__ import annotations

import json
import re
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
_KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "$ref"}
_KNOWN |= {"maxLength", "minLength", "minItems", "maxItems", "minimum", "maximum"}


class Judge:
    """Reads one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self._operations = [
            (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path) + r"\Z"), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation of a request; literal paths win over placeholders."""
        found = [item for item in self._operations if item[0] == method and item[1].match(path)]
        return min(found, key=lambda item: item[2].count("{"))[3] if found else None

    def check(self, method: str, path: str, status: int, raw: bytes) -> None:
        """Raise AssertionError where an answer isn't what the document says."""
        operation = self.operation(method, path)
        if operation is None:
            return
        name = operation["operationId"]
        assert str(status) in operation["responses"], f"{name} answered {status}: {raw!r}"
        response = operation["responses"][str(status)]
        if "content" not in response:
            assert raw == b"", name
            return
        body = json.loads(raw)
        self.validate(response["content"]["application/json"]["schema"], body, name)
        if status >= 400:
            assert body["error_code"] in response["description"], f"{name} refused with {body['error_code']}"

    def validate(self, schema: dict[str, Any], value: Any, where: str) -> None:
        """Raise AssertionError where a value doesn't fit a schema."""
        assert set(schema) <= _KNOWN, f"{where}: the judge doesn't know {set(schema) - _KNOWN}"
        if "$ref" in schema:
            self.validate(self._schemas[schema["$ref"].rsplit("/", 1)[1]], value, where)
            return
        if "type" in schema:
            right = isinstance(value, _KINDS[schema["type"]])
            assert right, f"{where} is {value!r}, not of the type {schema['type']}"
            assert not isinstance(value, bool) or schema["type"] == "boolean", where
        if "enum" in schema:
            assert value in schema["enum"], f"{where} is {value!r}, not one of {schema['enum']}"
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            missing = set(schema.get("required", ())) - set(value)
            assert not missing, f"{where} lacks {missing}"
            if schema.get("additionalProperties") is False:
                assert set(value) <= set(properties), f"{where} has {set(value) - set(properties)}"
            for key, item in value.items():
                self.validate(properties.get(key, {}), item, f"{where}.{key}")
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.validate(schema.get("items", {}), item, f"{where}[{index}]")
