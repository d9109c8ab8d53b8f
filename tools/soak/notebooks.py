"""What a notebook is configured with, what a console does to one, and where reality differs from a configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

Config = dict[str, Any]
"""The arguments of one resource; what is left out is None."""

MARK: Final = "terraform-provider-modelarts"
SIGNED: Final = "managed"
"""The mark's value on an instance whose create has returned; any other tells of an update under way."""
CPU_2U, CPU_8U = "modelarts.vm.cpu.2u", "modelarts.vm.cpu.8u"
IMAGE, IMAGE_TOO, IMAGE_GPU = (
    "e1a07296-22a8-4f05-8bc8-e936c8e54090",
    "278e88d1-5b71-4766-8502-b3ba72e824d9",
    "59a6e9f5-93c0-44dd-85b0-82f390c5d53a",
)
OTHER_WORKSPACE = "abcdef0123456789abcdef0123456789"
HOUR_MS: Final = 3_600_000
DURATIONS_MS: Final = {"2h": 2 * HOUR_MS, "4h": 4 * HOUR_MS, "240m": 4 * HOUR_MS, "30m": HOUR_MS // 2}
GROWTHS: Final = (0, 1, 30, 130)

FIRST: Final[Config] = {"name": "nb", "flavor": CPU_2U, "image_id": IMAGE, "storage": {"size": 10}}

SSH: Final = {"key_pair_names": ["k1"], "allowed_access_ips": ["8.8.8.8"]}
VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "name": ("nb", "nb", "nb-2", "other_one"),
    "description": (None, "", "one", "notes, 100% of them: [a] {b}"),
    "flavor": (CPU_2U, CPU_8U),
    "image_id": (IMAGE, IMAGE_TOO, IMAGE_GPU),
    "endpoints": (
        None,
        {"SSH": SSH},
        {"SSH": {**SSH, "allowed_access_ips": ["1.1.1.1", "9.9.9.9"]}},
        {"SSH": {"key_pair_names": ["k1", "k2"]}, "NOTEBOOK": {"allowed_access_ips": ["8.8.8.8"]}},
    ),
    "hooks": (
        None,
        {"pre_start": {"script": "/home/ma-user/work/init.sh"}},
        {"pre_start": {"script": "/home/ma-user/work/init.sh"}, "post_start": {"script": "/opt/x", "mode": "ASYNC"}},
    ),
    "auto_stop": (
        None,
        {"duration": "4h"},
        {"duration": "240m"},
        {"type": "IDLE", "duration": "2h"},
        {"enabled": False},
    ),
    "desired_status": (None, None, "RUNNING", "STOPPED"),
    "tags": (None, {}, {"team": "a"}, {"team": "b", "cost center": "7"}),
    "timeouts": (None, {"update": "10m"}),
    "adopt_existing": (None, True),
    "allow_stopping_for_update": (None, None, True, False),
    "deletion_protection": (None, False),
    "workspace_id": (None, "0", OTHER_WORKSPACE),
}
"""For each argument the values to choose from; twice means twice as often. ``workspace_id`` replaces the notebook."""

NEED_STOP: Final = frozenset({"flavor", "image_id", "hooks", "endpoints"})
MAY_STOP: Final = NEED_STOP | {"name", "description", "size"}


@st.composite
def configurations(draw: st.DrawFn) -> Config:
    """The configuration of a new notebook; most are simple, so that two of them are often alike."""
    config = dict(FIRST)
    for name in draw(st.lists(st.sampled_from(sorted(VALUES.keys() - {"workspace_id", "name"})), max_size=3)):
        config[name] = draw(st.sampled_from(VALUES[name]))
    config["storage"] = draw(st.sampled_from([{"size": 10}, {"size": 10}, {}]))
    return config


@st.composite
def changes(draw: st.DrawFn) -> Config:
    """New values of one to three arguments; ``grow`` stands for a larger disk, None for an unset size."""
    names = st.sampled_from([*sorted(VALUES.keys() - {"workspace_id"}) * 3, "workspace_id", *["grow"] * 5])
    return {
        name: draw(st.sampled_from((*GROWTHS[1:], None) if name == "grow" else VALUES[name]))
        for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    }


CONSOLE: Final = st.one_of(
    st.fixed_dictionaries({"name": st.sampled_from(["theirs", "nb"])}),
    st.fixed_dictionaries({"description": st.sampled_from(["", "theirs"])}),
    st.fixed_dictionaries({"flavor": st.sampled_from([CPU_2U, CPU_8U])}),
    st.fixed_dictionaries({"image_id": st.sampled_from([IMAGE, IMAGE_TOO])}),
    st.fixed_dictionaries({"status": st.sampled_from(["RUNNING", "STOPPED", "STOPPED"])}),
    st.fixed_dictionaries({"tags": st.sampled_from([{}, {"team": "theirs"}, {"team": "a", "more": "x"}])}),
    st.fixed_dictionaries(
        {"lease": st.sampled_from([{"duration": 3 * HOUR_MS}, {"duration": -1}, {"duration": HOUR_MS, "type": "IDLE"}])}
    ),
    st.fixed_dictionaries(
        {
            "endpoints": st.sampled_from(
                [[], [{"service": "SSH", "key_pair_names": ["theirs"], "allowed_access_ips": ["8.8.4.4"]}]]
            )
        }
    ),
    st.fixed_dictionaries({"grow": st.sampled_from(GROWTHS[1:])}),
)
"""What somebody does in the console; ``grow`` adds GB to the disk."""


def changed(config: Config, new: Mapping[str, Any], size: int | None) -> Config:
    """The configuration after a change.

    Args:
        config: Before.
        new: From ``changes``.
        size: GB that the disk has now.
    """
    others = {name: value for name, value in new.items() if name != "grow"}
    storage = config["storage"]
    if "grow" in new:
        storage = {} if new["grow"] is None else {"size": (size or storage.get("size") or 10) + new["grow"]}
    return {**config, **others, "storage": storage}


def written(config: Config) -> Config:
    """The configuration as it is written down."""
    return {name: value for name, value in config.items() if value is not None}


def differences(config: Config, there: Mapping[str, Any], *, hooks_known: bool = True) -> list[str]:
    """The fields in which an instance (as the emulator's control shows it) isn't what is configured, each in words.

    Args:
        config: What is configured.
        there: What is there.
        hooks_known: False after an import: the API never tells hooks, so that unset ones are whatever they are.
    """
    wanted, found = _wanted(config), _found(there)
    if "NOTEBOOK" not in wanted["endpoints"]:  # the service lists it by itself
        found["endpoints"].pop("NOTEBOOK", None)
    if not hooks_known and not wanted["hooks"]:
        del wanted["hooks"]
    if found["auto_stop"] is None:  # not running: it waits for the next start
        wanted.pop("auto_stop", None)
    return [f"{name}: {found[name]!r} instead of {wanted[name]!r}" for name in wanted if found[name] != wanted[name]]


def _wanted(config: Config) -> Config:
    wanted: Config = {name: config[name] for name in ("name", "flavor", "image_id")}
    wanted["description"] = config.get("description") or ""
    wanted["endpoints"] = {
        service: _access(entry.get("key_pair_names"), entry.get("allowed_access_ips"))
        for service, entry in (config.get("endpoints") or {}).items()
    }
    wanted["hooks"] = _scripts(config.get("hooks"))
    wanted["tags"] = config.get("tags") or {}
    optional = {
        "size": config["storage"].get("size"),
        "workspace_id": config.get("workspace_id"),
        "status": config.get("desired_status"),
        "auto_stop": _auto_stop(config.get("auto_stop")),
    }
    return wanted | {name: value for name, value in optional.items() if value is not None}


def _found(there: Mapping[str, Any]) -> Config:
    hooks = there["hooks"] or {}
    lease = there["behind"]["lease"]
    running = there["status"] == "RUNNING"
    kind = "off" if not lease["enable"] else lease["type"]
    return {
        "name": there["name"],
        "flavor": there["flavor"],
        "image_id": there["image"]["id"],
        "description": there["description"] or "",
        "endpoints": {
            entry["service"]: _access(entry.get("key_pair_names"), entry.get("allowed_access_ips"))
            for entry in there.get("endpoints") or []
        },
        "hooks": _scripts(hooks.get("container_hooks", hooks)),
        "tags": {tag["key"]: tag.get("value") or "" for tag in there.get("tags") or [] if tag["key"] != MARK},
        "size": there["volume"].get("capacity"),
        "workspace_id": there["workspace_id"],
        "status": there["status"],
        # A restart shortens what a TIMING lease has left; an IDLE one begins anew.
        "auto_stop": ((kind, lease["requested"]) if kind == "IDLE" else (kind,)) if running else None,
    }


def _auto_stop(configured: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    if configured is None:
        return None
    if configured.get("enabled") is False:
        return ("off",)
    if configured.get("type") == "IDLE":
        return ("IDLE", DURATIONS_MS[configured["duration"]])
    return ("TIMING",)


def _scripts(hooks: Mapping[str, Any] | None) -> Config:
    """Hooks with what the service takes where nothing is said."""
    return {
        when: {"type": "SCRIPT", "mode": "ASYNC", **hook} for when, hook in (hooks or {}).items() if hook is not None
    }


def _access(keys: list[str] | None, addresses: list[str] | None) -> tuple[list[str], list[str]]:
    return sorted(keys or []), sorted(addresses or [])


def marked(there: Mapping[str, Any]) -> bool:
    """Whether an instance carries the mark of an update under way."""
    return any(tag["key"] == MARK and tag.get("value") != SIGNED for tag in there.get("tags") or [])


def fields(texts: list[str]) -> set[str]:
    """The names of the fields of some differences."""
    return {text.split(":", 1)[0] for text in texts}
