"""The notebook between Terraform's values and the API's JSON, both ways. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from modelarts_provider.api.modelarts.shapes import LAST_MOMENT_MS
from modelarts_provider.framework.planning.equivalence import keep_forms, without_unknown
from modelarts_provider.framework.schema.values import UNKNOWN, Json, Values, sorted_set
from modelarts_provider.lifecycle.power import read_as
from modelarts_provider.resources.common.odd_fields import keep_known
from modelarts_provider.resources.common.tags import TagPolicy, read_tags
from modelarts_provider.resources.notebook.schema.auto_stop import lease_to_api, read_auto_stop
from modelarts_provider.resources.notebook.schema.hooks import hooks_to_api
from modelarts_provider.resources.notebook.schema.notebook import ATTRIBUTES
from modelarts_provider.resources.notebook.schema.reported import DOMAIN, IMAGE, LEASE, POOL, PROGRESS, USER
from modelarts_provider.resources.notebook.schema.storage import storage_to_api
from modelarts_provider.resources.notebook.service.interruption import read_mark

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SAVED_IMAGE: Final = "IMAGE_SAVE"
NEVER_RETURNED: Final = ("hooks", "allow_stopping_for_update", "deletion_protection", "adopt_existing", "timeouts")
"""What the API doesn't know or doesn't tell: the state keeps what was sent."""

SERVED_ANYWAY: Final = "NOTEBOOK"
"""The service lists its HTTPS entry by itself: it stays out of the state unless the prior state has it."""


def create_body(planned: Values) -> Values:
    """The body of the create request: what is known and set."""
    names = ("name", "description", "flavor", "feature", "workspace_id", "pool_id")
    body = {name: planned[name] for name in names if planned[name] is not None and planned[name] is not UNKNOWN}
    body["image_id"] = planned["image_id"].lower()  # the service's own spelling of its ids
    body["volume"] = storage_to_api(planned["storage"])
    if planned["endpoints"]:
        body["endpoints"] = endpoints_to_api(planned["endpoints"])
    if any((planned["hooks"] or {}).values()):
        body["hooks"] = hooks_to_api(planned["hooks"])
    return body | lease_to_api(planned["auto_stop"])


def update_fragments(prior: Values, planned: Values, fields: frozenset[str]) -> dict[str, Values]:
    """For each row of the field table that changes, its part of the PUT body.

    Args:
        prior: The state before; what an endpoint had and the plan leaves out is cleared by an empty list.
        planned: What is wanted, fully known.
        fields: Rows of the field table.
    """
    fragments: dict[str, Values] = {}
    for name in ("name", "flavor"):
        if name in fields:
            fragments[name] = {name: planned[name]}
    if "image_id" in fields:
        fragments["image_id"] = {"image_id": planned["image_id"].lower()}
    if "description" in fields:
        fragments["description"] = {"description": planned["description"] or ""}
    for name in ("allowed_access_ips", "key_pair_names", "endpoints"):
        if name in fields:
            fragments[name] = {"endpoints": endpoints_to_api(planned["endpoints"], prior["endpoints"])}
    if "storage_size" in fields:
        fragments["storage_size"] = {"storage_new_size": planned["storage"]["size"]}
    if "hooks" in fields:
        fragments["hooks"] = {"hooks": hooks_to_api(planned["hooks"])}
    return fragments


def endpoints_to_api(endpoints: Values | None, prior: Values | None = None) -> list[Values]:
    """The ``endpoints`` of a request: it replaces the whole list, so every service is in it."""
    entries: list[Values] = []
    for service, wanted in sorted((endpoints or {}).items()):
        before = (prior or {}).get(service) or {}
        entry: Values = {"service": service}
        for name in ("key_pair_names", "allowed_access_ips"):
            if wanted[name] or before.get(name):
                entry[name] = list(wanted[name] or [])
        entries.append(entry)
    return entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a state is read with: where the instance is, the provider's tags, and the remembered lease.

    ``applied`` says that the state to read is one that a plan has led to.
    """

    region: str
    project_id: str
    tags: TagPolicy = field(default_factory=TagPolicy)
    lease: Values | None = None
    applied: bool = False


def to_state(api: Json, before: Values | None, reading: Reading) -> Values:
    """The state of an instance.

    Args:
        api: The notebook as the API returned it, spellings normalised.
        before: The prior state or the plan: it lends its forms, and what the API never returns. None at an import.
        reading: What else it takes.
    """
    known: Values | None = without_unknown(before)
    state: Values = dict.fromkeys(ATTRIBUTES)
    tags, tags_all = read_tags(api, known, reading.tags, applied=reading.applied)
    state |= {
        "id": api["id"],
        "name": api.get("name") or (known and known["name"]),
        "description": api.get("description") or None,
        "flavor": api.get("flavor") or (known and known["flavor"]),
        "image_id": _image_id(api, known),
        "endpoints": _endpoints(api, known),
        "storage": _storage(api, known),
        "feature": api.get("feature") or (known and known["feature"]) or "NOTEBOOK",
        "workspace_id": api.get("workspace_id") or (known and known["workspace_id"]) or "0",
        "pool_id": (api.get("pool") or {}).get("id"),
        "region": reading.region,
        "project_id": reading.project_id,
        "auto_stop": read_auto_stop(api, known and known["auto_stop"], reading.lease),
        "desired_status": read_as(str(api.get("status"))) if known and known["desired_status"] else None,
        "tags": tags,
        "tags_all": tags_all,
        "interrupted_update": read_mark(api) is not None,
        **{name: known and known[name] for name in NEVER_RETURNED},
        **_reported(api),
    }
    return keep_forms(ATTRIBUTES, known, keep_known(state, known, api))


def _reported(api: Json) -> Values:
    """Everything that the API reports and nobody sets."""
    uris = {entry.get("service"): entry.get("uri") for entry in api.get("endpoints") or []}
    lease = api.get("lease") or {}
    created = api.get("create_at", lease.get("create_at"))
    updated = api.get("update_at", lease.get("update_at"))
    return {
        "status": api.get("status"),
        "fail_reason": api.get("fail_reason") or None,
        "url": api.get("url") or None,
        "ssh_uri": uris.get("SSH") or None,
        "create_at": created,
        "update_at": updated,
        "created_at": rfc3339(created),
        "updated_at": rfc3339(updated),
        "image": _image(api.get("image")),
        "lease": _lease(api.get("lease")),
        "pool": _object(POOL, api.get("pool")),
        "user": _user(api.get("user")),
        "billing_items": api.get("billing_items"),
        "action_progress": [_progress(step) for step in api.get("action_progress") or []],
    }


def rfc3339(milliseconds: Any) -> str | None:
    """A time in milliseconds since 1970 (UTC) as RFC 3339 with milliseconds; None for a missing or impossible one."""
    # A sum of two possible numbers, such as the end of a lease, may be none.
    if not isinstance(milliseconds, int) or not 0 < milliseconds <= LAST_MOMENT_MS:
        return None
    moment = _EPOCH + timedelta(milliseconds=milliseconds)  # exact, unlike a fraction of a second
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _object(attributes: Mapping[str, Any], api: Json | None) -> Values | None:
    return None if api is None else {name: api.get(name) for name in attributes}


def _image(api: Json | None) -> Values | None:
    image = _object(IMAGE, api)
    if image is not None:
        image |= {"created_at": rfc3339(image["create_at"]), "updated_at": rfc3339(image["update_at"])}
    return image


def _lease(api: Json | None) -> Values | None:
    lease = _object(LEASE, api)
    if lease is None:
        return None
    timed = lease["enable"] and lease["type"] in (None, "TIMING") and lease["create_at"] and lease["duration"]
    lease["stops_at"] = rfc3339(lease["create_at"] + lease["duration"]) if timed else None
    return lease


def _progress(api: Json) -> Values:
    """A step; its description has two names in the sources, and the client leaves the newer one."""
    return {name: api.get(name) for name in PROGRESS} | {
        "step_description": api.get("step_description", api.get("description"))
    }


def _user(api: Json | None) -> Values | None:
    user = _object(USER, api)
    if user is not None:
        user["domain"] = _object(DOMAIN, user["domain"])
    return user


def _image_id(api: Json, known: Values | None) -> Any:
    """The image that the user chose; saving an image changes the instance's own, and that is no change of theirs.

    The prior id stays while reality has a saved image, unless the prior state had a saved one under that very id.
    """
    image = api.get("image") or {}
    chosen = known and known["image_id"]
    shown = (known and known["image"]) or {}
    if not chosen or not shown or image.get("origin") != SAVED_IMAGE:
        return image.get("id") or chosen
    chose_saved = shown.get("origin") == SAVED_IMAGE and shown.get("id") == chosen
    return image.get("id") if chose_saved else chosen


def _endpoints(api: Json, known: Values | None) -> Values | None:
    had = (known and known["endpoints"]) or {}
    return {
        entry["service"]: {
            "key_pair_names": sorted_set(list(entry.get("key_pair_names") or [])) or None,
            "allowed_access_ips": sorted_set(list(entry.get("allowed_access_ips") or [])) or None,
            "uri": entry.get("uri") or None,
        }
        for entry in api.get("endpoints") or []
        if entry.get("service")
        and (entry["service"] != SERVED_ANYWAY or SERVED_ANYWAY in had or entry.get("allowed_access_ips"))
    } or None


def _storage(api: Json, known: Values | None) -> Values | None:
    """The volume; an answer without one (documented samples lack it while an instance is made) keeps what is known."""
    volume, had = api.get("volume"), known and known["storage"]
    if not volume:
        return had or None
    dedicated = volume.get("ownership") == "DEDICATED"
    return {
        "category": volume.get("category") or (had and had["category"]),
        "ownership": volume.get("ownership") or (had and had["ownership"]) or "MANAGED",
        "size": volume.get("capacity", had and had["size"]),
        "uri": (volume.get("uri") or (had and had["uri"])) if dedicated else None,
        "id": (volume.get("id") or (had and had["id"])) if dedicated else None,
        "dew_secret_name": volume.get("dew_secret_name") or (had and had["dew_secret_name"]) or None,
        "mount_path": volume.get("mount_path") or (had and had["mount_path"]),
        "status": volume.get("status") or None,
    }
