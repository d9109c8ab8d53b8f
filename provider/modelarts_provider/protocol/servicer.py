"""The calls of Terraform's provider service: decode, call protocol-free code, encode. No planning rules here."""

from __future__ import annotations

import json
import traceback
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.paths import Path
from modelarts_provider.core.planning import plan_values, requires_replace
from modelarts_provider.core.schema import object_type
from modelarts_provider.core.types import ObjectOf
from modelarts_provider.core.validation import validate
from modelarts_provider.protocol import codec, wire
from modelarts_provider.protocol.encode import encode_diagnostics, encode_path, encode_schema
from modelarts_provider.protocol.status import RpcError, StatusCode
from modelarts_provider.resources.base import (
    ApplyRequest,
    ApplyResponse,
    PlanRequest,
    Private,
    Provider,
    ReadRequest,
    Resource,
)

Message = dict[str, Any]
Log = Callable[[str], None]

PROVIDER_CONFIG_UNKNOWN: Final = 2
CAPABILITIES: Final = {"plan_destroy": True, "get_provider_schema_optional": True}


class Servicer:
    """Answers (method, request bytes) with response bytes; any number of calls at once.

    A value that can't be decoded becomes a diagnostic, a message that can't be decoded INVALID_ARGUMENT, an unknown
    call UNIMPLEMENTED; an exception in the provider becomes a diagnostic that asks to report it.
    """

    def __init__(self, provider: Provider, log: Log) -> None:
        self._provider = provider
        self._log = log
        self._kinds: dict[Provider | Resource, ObjectOf] = {}  # made once: a plan of one resource needs it ten times
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
        found = Diagnostics()
        try:
            return await call(request)
        except wire.BadValue as error:
            found.error(
                "Terraform sent a value that doesn't fit the schema",
                f"{method}: {error}. Nothing was changed. Run `terraform init -upgrade` so that Terraform and the "
                "provider agree on the schema; if it stays, please report it.",
            )
        except RpcError:
            raise
        except Exception as error:  # noqa: BLE001 - the process must live, and the user must see what happened
            self._log(traceback.format_exc())
            found.error(
                "The provider met a defect of its own",
                f"{method} failed with {type(error).__name__}: {error}. The last saved state is kept; look at the real "
                "instance before you go on. Please report this with the log of TF_LOG_PROVIDER=DEBUG.",
            )
        response: Message = {"diagnostics": encode_diagnostics(found)}
        if method == "ApplyResourceChange":  # an apply that answers no state would make Terraform forget the thing
            response |= {"new_state": request["prior_state"], "private": request["planned_private"]}
        return response

    def _resource(self, request: Message) -> Resource:
        name = request["type_name"]
        resource = self._provider.resources.get(name)
        if resource is None:
            raise RpcError(StatusCode.INVALID_ARGUMENT, f"this provider has no resource type {name!r}")
        return resource

    def _kind(self, owner: Provider | Resource) -> ObjectOf:
        found = self._kinds.get(owner)
        if found is None:
            found = self._kinds[owner] = object_type(owner.schema.attributes)
        return found

    def _decode(self, owner: Provider | Resource, dynamic: Message | None) -> Any:
        return wire.decode(self._kind(owner), dynamic)

    def _encode(self, owner: Provider | Resource, value: Any) -> Message:
        return wire.encode(self._kind(owner), value)

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
        config = self._decode(self._provider, request["config"])
        found = validate(self._provider.schema, config)
        found.extend(self._provider.validate(config))
        return {"diagnostics": encode_diagnostics(found)}

    async def _validate_resource_config(self, request: Message) -> Message:
        resource = self._resource(request)
        config = self._decode(resource, request["config"])
        found = validate(resource.schema, config)
        if not found.has_error:
            found.extend(resource.validate(config))
        return {"diagnostics": encode_diagnostics(found)}

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
        kind = self._kind(resource)
        raw = request["raw_state"]
        return {"upgraded_state": wire.encode(kind, wire.decode_json(kind, raw["json"] if raw else b"null"))}

    async def _configure_provider(self, request: Message) -> Message:
        config = self._decode(self._provider, request["config"])
        found = await self._provider.configure(config, request["terraform_version"])
        return {"diagnostics": encode_diagnostics(found)}

    async def _read_resource(self, request: Message) -> Message:
        resource = self._resource(request)
        state = self._decode(resource, request["current_state"])
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
        prior = self._decode(resource, request["prior_state"])
        proposed = self._decode(resource, request["proposed_new_state"])
        private = _private(request["prior_private"])
        if proposed is None:
            found = resource.plan_destroy(prior, private)
            return {
                "planned_state": self._encode(resource, None),
                "planned_private": request["prior_private"],
                "diagnostics": encode_diagnostics(found),
            }
        config = self._decode(resource, request["config"])
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
            config=self._decode(resource, request["config"]),
            prior=self._decode(resource, request["prior_state"]),
            planned=self._decode(resource, request["planned_state"]),
            private=_private(request["planned_private"]),
        )
        answer = await self._apply(resource, change)
        return {
            "new_state": self._encode(resource, answer.state),
            "private": _packed(answer.private),
            "diagnostics": encode_diagnostics(answer.diagnostics),
        }

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
    try:
        private = json.loads(data or b"{}")
    except ValueError:
        return {}
    return private if isinstance(private, dict) else {}


def _packed(private: Private) -> bytes:
    return json.dumps(private, sort_keys=True).encode() if private else b""
