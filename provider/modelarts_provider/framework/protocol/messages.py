"""Names and field numbers of Terraform's plugin protocol 6, of go-plugin's own services, and of gRPC's health check.

Facts only: no behaviour beside reading the table. Messages are described up to protocol 6.8 (Terraform 1.11), as far
as this provider uses them. Fields of newer minors arrive as unknown fields and are skipped, which the protocol allows.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

# One message a line: `name: number field kind, ...`. Kinds: s string, b bytes, i integer or enum, o bool, =M message;
# prefix * repeated, % map from string; suffix ? optional, that is: absent differs from zero.
_TABLE: Final = """
DynamicValue: 1 msgpack b, 2 json b
Diagnostic: 1 severity i, 2 summary s, 3 detail s, 4 attribute =AttributePath
AttributePath: 1 steps *=AttributePath.Step
AttributePath.Step: 1 attribute_name s?, 2 element_key_string s?, 3 element_key_int i?
RawState: 1 json b
Schema: 1 version i, 2 block =Schema.Block
Schema.Block: 1 version i, 2 attributes *=Schema.Attribute, 3 block_types *=Schema.NestedBlock, 4 description s,\
 5 description_kind i, 6 deprecated o
Schema.Attribute: 1 name s, 2 type b, 3 description s, 4 required o, 5 optional o, 6 computed o, 7 sensitive o,\
 8 description_kind i, 9 deprecated o, 10 nested_type =Schema.Object, 11 write_only o
Schema.NestedBlock: 1 type_name s, 2 block =Schema.Block, 3 nesting i, 4 min_items i, 5 max_items i
Schema.Object: 1 attributes *=Schema.Attribute, 3 nesting i
ServerCapabilities: 1 plan_destroy o, 2 get_provider_schema_optional o, 3 move_resource_state o
ClientCapabilities: 1 deferral_allowed o, 2 write_only_attributes_allowed o
Deferred: 1 reason i
StopProvider.Request:
StopProvider.Response: 1 Error s
GetMetadata.Request:
GetMetadata.Response: 1 server_capabilities =ServerCapabilities, 2 diagnostics *=Diagnostic,\
 3 data_sources *=GetMetadata.DataSourceMetadata, 4 resources *=GetMetadata.ResourceMetadata
GetMetadata.DataSourceMetadata: 1 type_name s
GetMetadata.ResourceMetadata: 1 type_name s
GetProviderSchema.Request:
GetProviderSchema.Response: 1 provider =Schema, 2 resource_schemas %=Schema, 3 data_source_schemas %=Schema,\
 4 diagnostics *=Diagnostic, 6 server_capabilities =ServerCapabilities
ValidateProviderConfig.Request: 1 config =DynamicValue
ValidateProviderConfig.Response: 2 diagnostics *=Diagnostic
UpgradeResourceState.Request: 1 type_name s, 2 version i, 3 raw_state =RawState
UpgradeResourceState.Response: 1 upgraded_state =DynamicValue, 2 diagnostics *=Diagnostic
ValidateResourceConfig.Request: 1 type_name s, 2 config =DynamicValue, 3 client_capabilities =ClientCapabilities
ValidateResourceConfig.Response: 1 diagnostics *=Diagnostic
ValidateDataResourceConfig.Request: 1 type_name s, 2 config =DynamicValue
ValidateDataResourceConfig.Response: 1 diagnostics *=Diagnostic
ConfigureProvider.Request: 1 terraform_version s, 2 config =DynamicValue, 3 client_capabilities =ClientCapabilities
ConfigureProvider.Response: 1 diagnostics *=Diagnostic
ReadResource.Request: 1 type_name s, 2 current_state =DynamicValue, 3 private b, 4 provider_meta =DynamicValue,\
 5 client_capabilities =ClientCapabilities
ReadResource.Response: 1 new_state =DynamicValue, 2 diagnostics *=Diagnostic, 3 private b, 4 deferred =Deferred
PlanResourceChange.Request: 1 type_name s, 2 prior_state =DynamicValue, 3 proposed_new_state =DynamicValue,\
 4 config =DynamicValue, 5 prior_private b, 6 provider_meta =DynamicValue, 7 client_capabilities =ClientCapabilities
PlanResourceChange.Response: 1 planned_state =DynamicValue, 2 requires_replace *=AttributePath, 3 planned_private b,\
 4 diagnostics *=Diagnostic, 5 legacy_type_system o, 6 deferred =Deferred
ApplyResourceChange.Request: 1 type_name s, 2 prior_state =DynamicValue, 3 planned_state =DynamicValue,\
 4 config =DynamicValue, 5 planned_private b, 6 provider_meta =DynamicValue
ApplyResourceChange.Response: 1 new_state =DynamicValue, 2 private b, 3 diagnostics *=Diagnostic, 4 legacy_type_system o
ImportResourceState.Request: 1 type_name s, 2 id s, 3 client_capabilities =ClientCapabilities
ImportResourceState.ImportedResource: 1 type_name s, 2 state =DynamicValue, 3 private b
ImportResourceState.Response: 1 imported_resources *=ImportResourceState.ImportedResource, 2 diagnostics *=Diagnostic,\
 3 deferred =Deferred
MoveResourceState.Request: 1 source_provider_address s, 2 source_type_name s, 3 source_schema_version i,\
 4 source_state =RawState, 5 target_type_name s, 6 source_private b
MoveResourceState.Response: 1 target_state =DynamicValue, 2 diagnostics *=Diagnostic, 3 target_private b
ReadDataSource.Request: 1 type_name s, 2 config =DynamicValue, 3 provider_meta =DynamicValue,\
 4 client_capabilities =ClientCapabilities
ReadDataSource.Response: 1 state =DynamicValue, 2 diagnostics *=Diagnostic, 3 deferred =Deferred
GetFunctions.Request:
GetFunctions.Response: 2 diagnostics *=Diagnostic
CallFunction.Request: 1 name s, 2 arguments *=DynamicValue
CallFunction.Response: 1 result =DynamicValue
plugin.Empty:
plugin.StdioData: 1 channel i, 2 data b
plugin.ConnInfo: 1 service_id i, 2 network s, 3 address s, 4 knock =plugin.ConnInfo.Knock
plugin.ConnInfo.Knock: 1 knock o, 2 ack o, 3 error s
grpc.health.v1.HealthCheckRequest: 1 service s
grpc.health.v1.HealthCheckResponse: 1 status i
"""

_DEFAULTS: Final[dict[str, Any]] = {"s": "", "b": b"", "i": 0, "o": False}


class MessageField(NamedTuple):
    """One field of a message.

    Attributes:
        number: Its number on the wire.
        name: Its key in the dictionaries that the codec takes and gives.
        kind: ``s`` string, ``b`` bytes, ``i`` integer or enum, ``o`` bool, ``m`` message.
        shape: ``one``, ``optional`` (absent differs from zero), ``list`` or ``map`` (from string to message).
        target: The message's name where kind is ``m``, else empty.
    """

    number: int
    name: str
    kind: str
    shape: str
    target: str

    def absent(self) -> Any:
        """What decoding gives when the field is not on the wire; a new list or map each time."""
        if self.shape == "list":
            return []
        if self.shape == "map":
            return {}
        if self.shape == "optional" or self.kind == "m":
            return None
        return _DEFAULTS[self.kind]


class Message(NamedTuple):
    """The fields of one message, in the order of their numbers, and the same by number and by name."""

    name: str
    fields: tuple[MessageField, ...]
    by_number: dict[int, MessageField]
    by_name: dict[str, MessageField]


_lines: dict[str, str] = {}
_parsed: dict[str, Message] = {}


def names() -> tuple[str, ...]:
    """Every message that the table describes."""
    if not _lines:
        for line in _TABLE.strip().splitlines():
            name, _, text = line.partition(":")
            _lines[name] = text
    return tuple(_lines)


def message(name: str) -> Message:
    """The description of one message, read from the table when it is first asked for.

    Raises:
        KeyError: The table has no message of that name.
    """
    found = _parsed.get(name)
    if found is None:
        names()
        found = _parsed[name] = _parse(name, _lines[name])
    return found


def _parse(name: str, text: str) -> Message:
    fields = tuple(_parse_field(part.split()) for part in text.split(",") if part.strip())
    return Message(name, fields, {each.number: each for each in fields}, {each.name: each for each in fields})


def _parse_field(words: list[str]) -> MessageField:
    number, name, kind = words
    shape = "list" if kind[0] == "*" else "map" if kind[0] == "%" else "optional" if kind[-1] == "?" else "one"
    kind = kind.strip("*%?")
    target = kind[1:] if kind[0] == "=" else ""
    return MessageField(int(number), name, "m" if target else kind, shape, target)
