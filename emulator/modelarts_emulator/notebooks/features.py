"""Switches, quotas and pools: rows 27 to 29."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelarts_emulator.calls import Call, Reply, ok
from modelarts_emulator.errors import missing, refuse, wrong_value
from modelarts_emulator.notebooks import listing, views
from modelarts_emulator.state.catalog import CATALOG_MOMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modelarts_emulator.state.entities import Flavor

PUBLIC_CLUSTER = "public-emulator"
_UNLIMITED = 1_000_000


def feature(call: Call) -> Reply:
    """GET /authoring/features/{feature}: whether it is on, and how much of its quota is used."""
    name = call.path["feature"].upper()
    if name not in {"NOTEBOOK", "DEFAULT"}:
        raise refuse("0104", f"There is no feature {call.path['feature']}.")
    world = call.world
    used = sum(item.domain_id == call.user.domain_id and item.feature == name for item in world.notebooks.values())
    quota = 1 if name == "DEFAULT" else world.quota or _UNLIMITED
    return ok(
        {
            "id": f"feature-{name.lower()}",
            "name": name,
            "enabled": True,
            "quota": quota,
            "used": used,
            "create_at": CATALOG_MOMENT,
            "update_at": CATALOG_MOMENT,
            "user_id": call.user.id,
        }
    )


def _clusters(call: Call) -> list[dict[str, Any]]:
    world = call.world
    public = [flavor for flavor in world.flavors.values() if not flavor.dedicated_only]
    return [
        _cluster(call, PUBLIC_CLUSTER, None, public),
        *(
            _cluster(call, f"cluster-{pool.id}", pool.id, [world.flavors[name] for name in pool.flavors])
            for pool in world.pools.values()
        ),
    ]


def _cluster(call: Call, ident: str, pool_id: str | None, flavors: Iterable[Flavor]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(flavor.category for flavor in flavors))
    out: dict[str, Any] = {
        "logic_cluster_id": ident,
        "pool_id": pool_id,
        "status": "ACTIVE",
        "type": "MANAGED" if pool_id is None else "DEDICATED",
        "resource_categories": ",".join(kinds),
        "workspace_id": "0",
        "create_at": str(CATALOG_MOMENT),
        "update_at": str(CATALOG_MOMENT),
        "project_id": call.project_id,
        "domain_id": call.user.domain_id,
        # here, and only here, the SDK's model has memory as a text
        "flavors": [{**views.flavor(flavor), "memory": str(flavor.memory)} for flavor in flavors],
        "is_allow_root": False,
    }
    return {key: value for key, value in out.items() if value is not None}


def clusters(call: Call) -> Reply:
    """GET /authoring/clusters: the pools that notebooks can use."""
    kind = call.query.get("type", "").upper()
    if not kind:
        raise missing("type")
    if kind not in {"MANAGED", "DEDICATED"}:
        raise wrong_value("type", "MANAGED or DEDICATED")
    if call.query.get("scope", "NOTEBOOK").upper() != "NOTEBOOK":
        raise wrong_value("scope", "NOTEBOOK")
    workspace = call.query.get("workspace_id", "")
    found = [item for item in _clusters(call) if item["type"] == kind and workspace in ("", item["workspace_id"])]
    return ok(listing.page(found, call.query, listing.CLUSTERS, lambda item: item, strict=False))


def cluster(call: Call) -> Reply:
    """GET /authoring/clusters/{cluster_id}."""
    wanted = call.path["cluster_id"]
    for item in _clusters(call):
        if wanted in (item["logic_cluster_id"], item.get("pool_id")):
            return ok(item)
    raise refuse("0104", f"There is no cluster {wanted}.")
