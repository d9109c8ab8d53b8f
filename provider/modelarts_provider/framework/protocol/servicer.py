"""The calls of Terraform's provider service: decode, call protocol-free code, encode. No planning rules here."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics, Severity
from modelarts_provider.framework.planning.passes import plan_values, requires_replace
from modelarts_provider.framework.protocol import codec, dynamic_value
from modelarts_provider.framework.protocol.encode import encode_diagnostics, encode_path, encode_schema
from modelarts_provider.framework.protocol.failures import UnknownType, failed, frames_of
from modelarts_provider.framework.protocol.status import RpcError, StatusCode
from modelarts_provider.framework.provider import Provider
from modelarts_provider.framework.resource import (
    ApplyRequest,
    ApplyResponse,
    PlanRequest,
    Private,
    ReadRequest,
    Resource,
)
from modelarts_provider.framework.schema.attributes import object_type
from modelarts_provider.framework.schema.paths import Path
from modelarts_provider.framework.schema.types import ObjectOf
from modelarts_provider.framework.schema.validation import validate
from modelarts_provider.framework.schema.values import UNKNOWN, Values, is_fully_known

Message = dict[str, Any]
Log = Callable[[str], None]

PROVIDER_CONFIG_UNKNOWN: Final = 2
_STATES: Final = frozenset({"prior_state", "proposed_new_state", "planned_state", "current_state"})
MOST_IN_PRIVATE: Final = 100
"""Objects and lists in private data, of which ours has a few."""

CAPABILITIES: Final = {"plan_destroy": True, "get_provider_schema_optional": True}


class Servicer:
    """Answers (method, request bytes) with response bytes; any number of calls at once.

    A value that doesn't fit, or can't be decoded, becomes a diagnostic, as does the name of an unknown type; a message
    that can't be decoded INVALID_ARGUMENT, an unknown call UNIMPLEMENTED; an exception in the provider becomes a diagnostic
    that asks to report it.
    """

    def __init__(self, provider: Provider, log: Log) -> None:
        self._provider = provider
        self._log = log
        self._kinds: dict[Provider | Resource, ObjectOf] = {}  # made once: a plan of one resource needs it ten times
        self._valid: set[int] = set()  # configurations without an error: a plan follows the check of its configuration
        self._calls: dict[str, Callable[[Message], Awaitable[Message]]] = {
            "GetMetadata": self._get_metadata,
            "GetProviderSchema": self._get_provider_schema,
            "ValidateProviderConfig": self._validate_provider_config,
            "ValidateResourceConfig": self._validate_resource_config,
            "UpgradeResourceState": self._upgrade_resource_state,
            "ConfigureProvider": self._configure_provider,
            "ReadResource": self._read_resource,
            "PlanResourceChange": self._plan_resource_change,
            "ApplyResourceChange": self._apply_resource_change,
            "ImportResourceState": self._import_resource_state,
            "StopProvider": self._stop_provider,
        }

    async def __call__(self, method: str, data: bytes) -> bytes:
        """Answer one call.

        Raises:
            RpcError: the call can't be understood.
        """
        call = self._calls.get(method)
        if call is None:
            raise RpcError.unimplemented(method)
        try:
            request = codec.decode(f"{method}.Request", data)
        except codec.DecodeError as error:
            raise RpcError(StatusCode.INVALID_ARGUMENT, f"{method}: {error}") from error
        return codec.encode(f"{method}.Response", await self._guarded(method, call, request))

    async def _guarded(self, method: str, call: Callable[[Message], Awaitable[Message]], request: Message) -> Message:
        """The one place where an exception becomes a diagnostic."""
        try:
            return await call(request)
        except RpcError:
            raise
        except Exception as error:  # noqa: BLE001 - the process must live, and the user must see what happened
            if isinstance(error, dynamic_value.BadValue | UnknownType):
                return failed(method, request, error)
            self._log(frames_of(error, request))
            return failed(method, request, self._misfit(request) or error)

    def _misfit(self, request: Message) -> dynamic_value.BadValue | None:
        """What is wrong with the states of a request that ended in a defect, if that is what led to it.

        A state is what an earlier answer of the provider was, and isn't checked otherwise.
        """
        resource = self._provider.resources.get(request.get("type_name", ""))
        for field in _STATES & request.keys() if resource else ():
            assert resource is not None  # noqa: S101 - mypy can't tell
            state = self._value(resource, request, field)
            for item in validate(resource.schema, state, reported=True) if state else ():
                if item.severity is Severity.ERROR:
                    return dynamic_value.BadValue(f"can't be: {item.detail}".removesuffix("."), of=field)
        return None

    def _resource(self, request: Message) -> Resource:
        name = request["type_name"]
        resource = self._provider.resources.get(name)
        if resource is None:
            raise UnknownType("resource type", name)
        return resource

    def _kind(self, owner: Provider | Resource) -> ObjectOf:
        found = self._kinds.get(owner)
        if found is None:
            found = self._kinds[owner] = object_type(owner.schema.attributes)
        return found

    def _value(self, owner: Provider | Resource, request: Message, field: str) -> Values | None:
        """The value in a field: an object or null, and never unknown as a whole."""
        try:
            value = dynamic_value.decode(self._kind(owner), request[field])
        except dynamic_value.BadValue as error:
            raise dynamic_value.BadValue(error.problem, error.at, field) from error
        if value is UNKNOWN:
            raise dynamic_value.BadValue("is unknown as a whole", of=field)
        known: Values | None = value
        return known

    def _object(self, owner: Provider | Resource, request: Message, field: str) -> Values:
        """The value in a field that can't be null."""
        value = self._value(owner, request, field)
        if value is None:
            raise dynamic_value.BadValue("is null, or missing", of=field)
        return value

    def _state(self, owner: Resource, request: Message, field: str) -> Values | None:
        """The state in a field, which has nothing unknown; null where there is none yet."""
        state = self._value(owner, request, field)
        if not is_fully_known(state):
            raise dynamic_value.BadValue("holds unknown values, which no state has", of=field)
        return state

    def _encode(self, owner: Provider | Resource, value: Any) -> Message:
        return dynamic_value.encode(self._kind(owner), value)

    async def _get_metadata(self, request: Message) -> Message:
        resources = [{"type_name": name} for name in sorted(self._provider.resources)]
        return {"server_capabilities": CAPABILITIES, "resources": resources}

    async def _get_provider_schema(self, request: Message) -> Message:
        schemas = {name: resource.schema for name, resource in self._provider.resources.items()}
        return {
            "provider": encode_schema(self._provider.schema),
            "resource_schemas": {name: encode_schema(schema) for name, schema in schemas.items()},
            "server_capabilities": CAPABILITIES,
        }

    async def _validate_provider_config(self, request: Message) -> Message:
        config = self._object(self._provider, request, "config")
        found = validate(self._provider.schema, config)
        found.extend(self._provider.validate(config))
        return {"diagnostics": encode_diagnostics(found)}

    async def _validate_resource_config(self, request: Message) -> Message:
        resource = self._resource(request)
        config = self._object(resource, request, "config")
        found = validate(resource.schema, config)
        if not found.has_error:
            found.extend(resource.validate(config))
        if not found.has_error:
            self._valid.add(_fingerprint(request))
        return {"diagnostics": encode_diagnostics(found)}

    def _refusal(self, resource: Resource, request: Message, config: Values) -> Diagnostics:
        """The errors of a configuration that a client plans without having it validated, as Terraform always does."""
        found = Diagnostics()
        if _fingerprint(request) not in self._valid:
            found = validate(resource.schema, config, reported=True)
            if not found.has_error:
                found.extend(resource.validate(config))
        return Diagnostics(item for item in found if item.severity is Severity.ERROR)

    async def _upgrade_resource_state(self, request: Message) -> Message:
        resource = self._resource(request)
        if request["version"] > resource.schema.version:
            found = Diagnostics()
            found.error(
                f"The state of a {resource.type_name} was written by a newer version of the provider",
                f"It has version {request['version']}, this provider knows {resource.schema.version}. Nothing was "
                "changed. Use the provider version that wrote the state, or a newer one.",
            )
            return {"diagnostics": encode_diagnostics(found)}
        raw = request["raw_state"]
        try:
            state = dynamic_value.decode_json(self._kind(resource), raw["json"]) if raw and raw["json"] else None
        except dynamic_value.BadValue as error:
            raise dynamic_value.BadValue(error.problem, error.at, "raw_state") from error
        if state is None:
            raise dynamic_value.BadValue("is null, or missing", of="raw_state")
        return {"upgraded_state": self._encode(resource, state)}

    async def _configure_provider(self, request: Message) -> Message:
        config = self._object(self._provider, request, "config")
        found = await self._provider.configure(config, request["terraform_version"])
        return {"diagnostics": encode_diagnostics(found)}

    async def _read_resource(self, request: Message) -> Message:
        resource = self._resource(request)
        state = self._state(resource, request, "current_state")
        if state is None:
            raise dynamic_value.BadValue("is null, or missing", of="current_state")
        private = _private(request["private"])
        capabilities = request["client_capabilities"] or {}
        answer = await resource.read(ReadRequest(state=state, private=private))
        response = {
            "new_state": self._encode(resource, answer.state),
            "private": _packed(answer.private),
            "diagnostics": encode_diagnostics(answer.diagnostics),
        }
        if answer.deferred and capabilities.get("deferral_allowed"):
            response |= {"deferred": {"reason": PROVIDER_CONFIG_UNKNOWN}, "diagnostics": []}
        return response

    async def _plan_resource_change(self, request: Message) -> Message:
        resource = self._resource(request)
        schema = resource.schema
        prior = self._state(resource, request, "prior_state")
        proposed = self._value(resource, request, "proposed_new_state")
        private = _private(request["prior_private"])
        if proposed is None:
            if prior is None:
                raise dynamic_value.BadValue("is null, as prior_state is", of="proposed_new_state")
            found = resource.plan_destroy(prior, private)
            return {
                "planned_state": self._encode(resource, None),
                "planned_private": request["prior_private"],
                "diagnostics": encode_diagnostics(found),
            }
        config = self._object(resource, request, "config")
        refusal = self._refusal(resource, request, config)
        if refusal.has_error:
            return {"planned_state": request["proposed_new_state"], "diagnostics": encode_diagnostics(refusal)}
        planned = plan_values(schema, config, prior, proposed)
        asked = PlanRequest(config=config, prior=prior, planned=planned, private=private)
        answer = resource.plan(asked)
        if not answer.diagnostics.has_error:
            answer.diagnostics.extend(await resource.check_plan(asked, answer.planned))
        replacing: Iterable[Path] = ()
        if prior is not None:
            replacing = {*requires_replace(schema, config, prior, answer.planned), *answer.requires_replace}
        return {
            "planned_state": self._encode(resource, answer.planned),
            "requires_replace": [encode_path(path) for path in sorted(replacing, key=str)],
            "planned_private": _packed(answer.private),
            "diagnostics": encode_diagnostics(answer.diagnostics),
        }

    async def _apply_resource_change(self, request: Message) -> Message:
        resource = self._resource(request)
        change = ApplyRequest(
            config=self._value(resource, request, "config"),
            prior=self._state(resource, request, "prior_state"),
            planned=self._value(resource, request, "planned_state"),
            private=_private(request["planned_private"]),
        )
        if change.prior is None and change.planned is None:
            raise dynamic_value.BadValue("is null, as prior_state is", of="planned_state")
        answer = await self._apply(resource, change)
        return {
            "new_state": self._encode_applied(resource, answer, change),
            "private": _packed(answer.private),
            "diagnostics": encode_diagnostics(answer.diagnostics),
        }

    def _encode_applied(self, resource: Resource, answer: ApplyResponse, change: ApplyRequest) -> Message:
        """The new state. A value of the wrong type costs that value, and never the id of what was just made."""
        try:
            return self._encode(resource, answer.state)
        except Exception:  # noqa: BLE001 - whatever the resource has put there
            kind = self._kind(resource)
            state, unfit = dynamic_value.encode_what_fits(kind, answer.state, change.prior or change.planned)
            answer.diagnostics.error(
                "The provider met a defect of its own",
                f"The apply is done, and the new state has values that don't have the schema's types: {', '.join(unfit)}. "
                "The state keeps what was known of them. Run `terraform plan` to see what is left, and please report this.",
            )
            return state

    @staticmethod
    async def _apply(resource: Resource, change: ApplyRequest) -> ApplyResponse:
        if change.prior is None:
            return await resource.create(change)
        if change.planned is None:
            return await resource.delete(change)
        return await resource.update(change)

    async def _import_resource_state(self, request: Message) -> Message:
        resource = self._resource(request)
        answer = await resource.import_state(request["id"])
        imported = {
            "type_name": resource.type_name,
            "state": self._encode(resource, answer.state),
            "private": _packed(answer.private),
        }
        return {
            "imported_resources": [] if answer.state is None else [imported],
            "diagnostics": encode_diagnostics(answer.diagnostics),
        }

    async def _stop_provider(self, request: Message) -> Message:
        self._provider.stop()
        return {}


def _private(data: bytes) -> Private:
    """Private data; what we didn't write (or an older version wrote otherwise) counts as none."""
    if data.count(b"{") + data.count(b"[") > MOST_IN_PRIVATE:  # could not be written again where it is nested
        return {}
    try:
        private = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return {}
    return private if isinstance(private, dict) else {}


def _fingerprint(request: Message) -> int:
    config = request["config"]
    return hash((request["type_name"], config["msgpack"], config["json"]))


def _packed(private: Private) -> bytes:
    return json.dumps(private, sort_keys=True).encode() if private else b""
