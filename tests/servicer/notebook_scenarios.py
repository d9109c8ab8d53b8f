"""A provider with an emulator behind it, configurations to try on it, and what the API has to hold afterwards."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st
from terraform_core import TerraformCore

from modelarts_emulator.testing import Control
from modelarts_provider.framework.protocol.servicer import Servicer
from modelarts_provider.provider import ModelartsProvider

Config = dict[str, Any]
T = TypeVar("T")

NOTEBOOK = "modelarts_notebook"
CPU_2U, CPU_8U, POOL_16U = "modelarts.vm.cpu.2u", "modelarts.vm.cpu.8u", "modelarts.pool.cpu.16u"
GPU, ARM, ASCEND, FREE = (
    "modelarts.vm.gpu.t4u8",
    "modelarts.vm.arm.cpu.8u",
    "modelarts.bm.d910.xlarge.1",
    "modelarts.vm.cpu.free",
)
IMAGE_CPU, IMAGE_CPU_NEWER = "e1a07296-22a8-4f05-8bc8-e936c8e54090", "278e88d1-5b71-4766-8502-b3ba72e824d9"
IMAGE_GPU, IMAGE_SSH_ONLY = "59a6e9f5-93c0-44dd-85b0-82f390c5d53a", "b6b1a4a0-0c5d-4d2b-9c0e-5a0d3f7e2a11"
IMAGE_ARM, IMAGE_ASCEND = "c5e35b1e-7d1f-4b7a-8a53-1f0f5d7d3e22", "d7a0c2f4-3b9e-4f51-9d0a-6c8b7e1f4d33"
POOL, WORKSPACE = "pool-emulator-0001", "abcdef0123456789abcdef0123456789"
SFS = "11111111-2222-3333-4444-555555555555"

X86_CPU_IMAGES = (IMAGE_CPU, IMAGE_CPU_NEWER, IMAGE_GPU, IMAGE_SSH_ONLY)
IMAGES_OF = {
    CPU_2U: X86_CPU_IMAGES,
    CPU_8U: X86_CPU_IMAGES,
    POOL_16U: X86_CPU_IMAGES,
    FREE: X86_CPU_IMAGES,
    GPU: (IMAGE_GPU, IMAGE_SSH_ONLY),
    ARM: (IMAGE_ARM,),
    ASCEND: (IMAGE_ASCEND,),
}
DEFAULT_TAGS = {"team": "defaults", "stage": "test"}
SIMPLE: Config = {"name": "nb", "flavor": CPU_2U, "image_id": IMAGE_CPU, "storage": {"size": 10}}
EMPTY: Config = {
    **dict.fromkeys(
        ("description", "endpoints", "hooks", "auto_stop", "tags", "desired_status", "feature", "workspace_id")
    ),
    **SIMPLE,
}

SIGN = "terraform-provider-modelarts"
"""The provider's own tag, which it hides."""


class Stage:
    """A provider of its own loop, the Terraform core over it, and the emulator behind it."""

    def __init__(self, emulator: Control, runner: asyncio.Runner, **block: Any) -> None:
        self.emulator = emulator
        self._runner = runner
        self.provider = ModelartsProvider(environment={"MODELARTS_UNMANAGED_WAIT_SECONDS": "0.2"})
        self.servicer = Servicer(self.provider, log=lambda _: None)
        self.core = self.run(TerraformCore.start(self.servicer, NOTEBOOK, provider_block(emulator) | block))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def reset(self, rules: str = "documented") -> None:
        self.emulator.reset(rules=rules, quota=0)
        self.emulator.clear_faults()
        self.emulator.clear_requests()

    def close(self) -> None:
        self.run(self.provider.aclose())


def provider_block(emulator: Control) -> Config:
    return {
        "region": emulator.region,
        "project_id": emulator.project_id,
        "access_key": emulator.access_key,
        "secret_key": emulator.secret_key,
        "endpoints": {"modelarts": emulator.url},
        "max_retries": 0,
    }


IPS = ("8.8.8.8", "1.1.1.1", "9.9.9.9", "198.41.0.4", "203.0.114.7", "4.4.4.4")
KEYS = ("k1", "key-pair.2", "team_key")
COMMAND = base64.b64encode(b"pip install numpy").decode()


@dataclass(frozen=True)
class Choice:
    """What stays the same within a scenario, so that each of its configurations is one that the service accepts."""

    place: Config
    flavors: tuple[str, ...]
    pool: bool


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """Where the notebook lives: pool or not, feature, workspace, region and project, each configured or left out."""
    pool, free = draw(st.sampled_from([(False, False), (False, False), (True, False), (False, True)]))
    flavors = (CPU_8U, POOL_16U) if pool else (FREE,) if free else (CPU_2U, CPU_8U, GPU, ARM, ASCEND)
    place: Config = {"pool_id": POOL} if pool else {}
    place["feature"] = "DEFAULT" if free else draw(st.sampled_from([None, "NOTEBOOK"]))
    place["workspace_id"] = draw(st.sampled_from([None, "0", WORKSPACE]))
    place["region"] = draw(st.sampled_from([None, "cn-north-4"]))
    place["project_id"] = draw(st.sampled_from([None, "0123456789abcdef0123456789abcdef"]))
    return Choice(place, flavors, pool)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(values: tuple[str, ...], most: int) -> st.SearchStrategy[Any]:
    return optional(st.lists(st.sampled_from(values), max_size=most, unique=True))


SSH = st.fixed_dictionaries({"key_pair_names": some(KEYS, 3), "allowed_access_ips": some(IPS, 5)})
HTTPS = st.fixed_dictionaries({"key_pair_names": st.sampled_from([None, []]), "allowed_access_ips": some(IPS, 5)})
HOOK = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.sampled_from([None, "SCRIPT"]),
            "script": st.sampled_from(["/home/ma-user/work/init.sh", "/opt/x"]),
            "mode": st.sampled_from([None, "ASYNC", "BLOCK"]),
        }
    ),
    st.fixed_dictionaries({"type": st.just("COMMAND"), "script": st.just(COMMAND), "mode": st.none()}),
)
AUTO_STOPS = st.one_of(
    st.just({"enabled": False}),
    st.fixed_dictionaries(
        {
            "enabled": st.sampled_from([None, True]),
            "type": st.sampled_from([None, "TIMING", "IDLE"]),
            "duration": st.sampled_from(["1h", "4h", "240m", "1h30m", "72h"]),
        }
    ),
)
TAGS = st.dictionaries(
    st.sampled_from(["team", "Cost Center", "a:b.c_d+e=f@g", "owner"]), st.sampled_from(["", "x", "ml / 1:2=3"])
)
TIMEOUTS = st.fixed_dictionaries(
    {"create": st.sampled_from([None, "10m"]), "update": st.sampled_from([None, "600s", "10m"])}
)
DESCRIPTIONS = st.sampled_from(["", "x", "notes, 100% of them: ünïcode \U0001f680 [a] {b} \\ #", "y" * 512])
STORAGE = st.one_of(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from([None, "EVS"]),
            "ownership": st.sampled_from([None, "MANAGED"]),
            "size": optional(st.integers(5, 260)),
        }
    ),
    st.fixed_dictionaries({"category": st.just("EFS"), "ownership": st.sampled_from([None, "MANAGED"])}),
    st.just({"category": "EFS", "ownership": "DEDICATED", "uri": "sfs.example.com:/share", "id": SFS}),
)
OBJECT_STORAGE = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["OBS", "OBSFS"]),
        "ownership": st.just("DEDICATED"),
        "uri": st.sampled_from(["obs://bucket/folder/", "obs://bucket/"]),
        "dew_secret_name": st.just("secret"),
    }
)


@st.composite
def configurations(draw: st.DrawFn, choice: Choice, storage: Config | None = None) -> Config:
    """A configuration that the service accepts; ``storage`` fixes it, so that an update doesn't replace."""
    flavor = draw(st.sampled_from(choice.flavors))
    image = draw(st.sampled_from(IMAGES_OF[flavor]))
    if image == IMAGE_SSH_ONLY:
        endpoints = {"SSH": draw(SSH)}
    else:
        endpoints = draw(optional(st.fixed_dictionaries({}, optional={"SSH": SSH, "NOTEBOOK": HTTPS})))
    return {
        **choice.place,
        "name": draw(st.text("abcXYZ019-_", min_size=1, max_size=20) | st.just("n" * 128)),
        "description": draw(optional(DESCRIPTIONS)),
        "flavor": flavor,
        "image_id": image,
        "endpoints": endpoints,
        "hooks": draw(optional(st.fixed_dictionaries({"pre_start": optional(HOOK), "post_start": optional(HOOK)}))),
        "storage": storage or draw(STORAGE | OBJECT_STORAGE if choice.pool else STORAGE),
        "timeouts": draw(optional(TIMEOUTS)),
        "auto_stop": draw(optional(AUTO_STOPS)),
        "desired_status": draw(st.sampled_from([None, None, "RUNNING", "STOPPED"])),
        "tags": draw(optional(TAGS)),
        "allow_stopping_for_update": draw(st.sampled_from([None, True])),
        "deletion_protection": draw(st.sampled_from([None, False])),
    }


@dataclass(frozen=True)
class Scenario:
    """Create with ``first``, change to ``second``, change back."""

    rules: str
    first: Config
    second: Config


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A scenario; most updates keep the storage (the disk may grow), the others replace the notebook."""
    choice = draw(choices())
    first = draw(configurations(choice))
    storage = None
    if draw(st.integers(0, 3)):
        storage = dict(first["storage"])
        if storage.get("size"):
            storage["size"] += draw(st.sampled_from([0, 0, 1, 99, 130]))
    return Scenario(draw(st.sampled_from(["documented", "observed"])), first, draw(configurations(choice, storage)))


def differences(config: Config, there: Config, status: str = "RUNNING", defaults: Config | None = None) -> list[str]:
    """Fields in which the API's instance (as the emulator's control shows it) isn't what is configured."""
    wanted = {
        "name": config["name"],
        "description": config.get("description") or "",
        "flavor": config["flavor"],
        "image_id": config["image_id"],
        "feature": config.get("feature") or "NOTEBOOK",
        "workspace_id": config.get("workspace_id") or "0",
        "endpoints": _endpoints(config),
        "hooks": {when: _hook(hook) for when, hook in (config.get("hooks") or {}).items() if hook},
        "volume": _volume(config["storage"]),
        "tags": {**(defaults or {}), **(config.get("tags") or {})},
        "status": config.get("desired_status") or status,
    }
    found = {
        **{name: there[name] for name in ("name", "description", "flavor", "feature", "workspace_id", "status")},
        "image_id": there["image"]["id"],
        "endpoints": {
            entry["service"]: (
                sorted(entry.get("key_pair_names", [])),
                sorted(entry.get("allowed_access_ips", [])),
            )
            for entry in there.get("endpoints", [])
            if entry["service"] in wanted["endpoints"] or entry["service"] != "NOTEBOOK"
        },
        "hooks": (there["hooks"] or {}).get("container_hooks", there["hooks"]) or {},
        "volume": {name: there["volume"].get(name) for name in wanted["volume"]},
        "tags": {tag["key"]: tag["value"] for tag in there.get("tags", []) if tag["key"] != SIGN},
    }
    if config.get("auto_stop") and found["status"] == "RUNNING":
        wanted["lease"], found["lease"] = "as configured", _lease(config["auto_stop"], there["lease"])
    return [f"{name}: {found[name]!r} instead of {wanted[name]!r}" for name in wanted if found[name] != wanted[name]]


DURATIONS = {"1h": 60, "4h": 240, "240m": 240, "1h30m": 90, "72h": 4320}


def _lease(auto_stop: Config, lease: Config) -> str:
    """What is wrong with the lease.

    Its duration counts from when the instance was made, so it is longer than asked; a restart keeps the moment of the
    stop, less the parts of a second.
    """
    if auto_stop.get("enabled") is False:
        return "as configured" if not lease["enable"] else f"enabled: {lease}"
    asked = DURATIONS[auto_stop["duration"]] * 60_000
    exact = auto_stop["type"] == "IDLE"
    right = lease["duration"] == asked if exact else asked - 60_000 < lease["duration"] < asked + 1_800_000
    kind = lease["type"] == (auto_stop["type"] or "TIMING")
    return "as configured" if lease["enable"] and kind and right else f"{lease} for {auto_stop}"


def _endpoints(config: Config) -> dict[str, tuple[list[str], list[str]]]:
    return {
        service: (sorted(entry.get("key_pair_names") or []), sorted(entry.get("allowed_access_ips") or []))
        for service, entry in (config.get("endpoints") or {}).items()
    }


def _hook(hook: Config) -> Config:
    return {"type": hook["type"] or "SCRIPT", "script": hook["script"], "mode": hook["mode"] or "ASYNC"}


def _volume(storage: Config) -> Config:
    category = storage.get("category") or "EVS"
    volume = {
        "category": "OBSFS" if category == "OBS" else category,
        "ownership": storage.get("ownership") or "MANAGED",
    }
    names = {"size": "capacity", "uri": "uri", "id": "id", "dew_secret_name": "dew_secret_name"}
    return volume | {names[name]: storage[name] for name in names if storage.get(name) is not None}
