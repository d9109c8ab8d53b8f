"""Tags: the resource's own, the provider's defaults, what is ignored, and those that nobody sees. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.attributes import Attribute, in_place
from modelarts_provider.framework.schema.paths import ROOT, path
from modelarts_provider.framework.schema.types import STRING, MapOf
from modelarts_provider.framework.schema.validators import Each, Keys, Length, Matches, Problem
from modelarts_provider.framework.schema.values import UNKNOWN, Values, is_fully_known

MARK: Final = "terraform-provider-modelarts"
"""Key of the tag by which an interrupted update is found again; one of the service's 20 tags is kept free for it."""

SYSTEM: Final = "_sys_"
"""What the keys of the service's own tags begin with (``_sys_enterprise_project_id``): it refuses them in requests."""

MOST_TAGS: Final = 19


@dataclass(frozen=True, slots=True)
class NotReserved:
    """Keys that the service or the provider keeps for itself."""

    def describe(self) -> str:
        """What is allowed."""
        return f"not start with {SYSTEM} and not be {MARK}"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem for a reserved key."""
        if is_hidden(value):
            yield ROOT, f"is reserved: it must {self.describe()}"


KEY_RULES: Final = (
    Keys(Length(1, 128)),
    Keys(Matches(r"(?! )[\w .:=+@-]*(?<! )", "consist of letters, digits, spaces inside and _ . : = + - @")),
    Keys(NotReserved()),
)
VALUE_RULES: Final = (
    Each(Length(0, 255)),
    Each(Matches(r"[\w .:=+@/-]*", "consist of letters, digits, spaces and _ . : / = + - @")),
)
TAG_RULES: Final = (*KEY_RULES, *VALUE_RULES)

TAGS: Final = Attribute(
    type=MapOf(STRING),
    description=(
        f"Tags of the instance, at most {MOST_TAGS} together with the provider's `default_tags`, which they override. "
        "Changing them never stops anything, and waits for no state. Tags of the service (`_sys_...`) aren't among them."
    ),
    optional=True,
    change=in_place("tags"),
    new_value_validators=TAG_RULES,
)

TAGS_ALL: Final = Attribute(
    type=MapOf(STRING),
    description=(
        "All tags of the instance: `tags` and the provider's `default_tags`, without ignored ones and those of the "
        "service (`_sys_...`)."
    ),
    computed=True,
)


@dataclass(frozen=True, slots=True)
class TagPolicy:
    """What the provider block says about tags.

    Attributes:
        defaults: The default tags, UNKNOWN as a whole or with values that are, where they aren't known yet.
        ignored_keys: Keys that are ignored.
        ignored_prefixes: Beginnings of keys that are ignored.
        ignores_more: Whether others may be ignored as well, which aren't known yet.
    """

    defaults: Any = field(default_factory=dict)
    ignored_keys: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()
    ignores_more: bool = False

    def ignores(self, key: str) -> bool:
        """Whether a tag is none of our business."""
        return key in self.ignored_keys or key.startswith(self.ignored_prefixes or ("\0",))

    @property
    def is_known(self) -> bool:
        """Whether nothing of it has to wait for another resource."""
        return not self.ignores_more and is_fully_known(self.defaults)


def is_hidden(key: str) -> bool:
    """Whether a tag is the service's or the provider's own: never shown, never set or removed for a configuration."""
    return key == MARK or key.startswith(SYSTEM)


def all_tags(tags: Any, policy: TagPolicy) -> Any:
    """The planned ``tags_all``: the provider's defaults, overridden by the resource's; UNKNOWN where a default is."""
    if tags is UNKNOWN or policy.defaults is UNKNOWN:
        return UNKNOWN
    defaults = {key: value for key, value in policy.defaults.items() if key not in (tags or {})}
    return {**defaults, **(tags or {})} if is_fully_known(defaults) else UNKNOWN


def check_tags(planned: Values, policy: TagPolicy, found: Diagnostics, prior: Values | None = None) -> None:
    """Errors that need the provider block: too many in all, or a tag that is to be ignored.

    Keys count that are known, whatever else waits for another resource. As many as the notebook has already may stay:
    an imported one can have all that the service takes.
    """
    own = planned["tags"] if isinstance(planned["tags"], dict) else {}
    keys = {*own, *(policy.defaults if isinstance(policy.defaults, dict) else {})}
    if len(keys) > max(MOST_TAGS, len((prior and prior["tags_all"]) or {})):
        found.error(
            f'Too many tags for notebook "{planned["name"]}"',
            f"tags and the provider's default_tags make {len(keys)}, and {MOST_TAGS} are possible (the service "
            "takes 20, and one is kept for the mark that brings back an interrupted update).",
            path("tags"),
        )
    for key in sorted(keys):
        if policy.ignores(key):
            where = "tags" if key in own else "the provider's default_tags"
            found.error(
                f'A tag of notebook "{planned["name"]}" is to be ignored',
                f"{key} is set in {where}, and the provider's ignore_tags leaves it to others. Nothing was called. Take "
                "it out of one of the two.",
                path("tags").key(key) if key in own else None,
            )


def read_tags(
    api: Mapping[str, Any], known: Values | None, policy: TagPolicy, *, applied: bool = False
) -> tuple[Values | None, Values]:
    """``tags`` and ``tags_all`` of the state, from the remote tags less ignored ones and those that nobody sees.

    ``tags_all`` has what is left. Where more may be ignored than is known, what the prior state has is all that can be
    told to be ours.

    ``tags`` has what it had, whatever the value is now, and what somebody has set: what neither a default sets nor
    explains by the prior ``tags_all`` (a default that the provider block had then). Where the defaults, or what is
    ignored, aren't known, nothing tells these apart.

    Args:
        api: The notebook as the API returned it.
        known: The prior state or the plan; None at an import.
        policy: What the provider block says about tags.
        applied: Whether ``known`` is a plan that has been carried out: only what its ``tags`` have is in them then.
    """
    remote = {
        str(tag["key"]): str(tag.get("value") or "")
        for tag in api.get("tags") or []
        if tag.get("key") and not is_hidden(tag["key"]) and not policy.ignores(tag["key"])
    }
    had = (known and known["tags"]) or {}
    had_all = (known and known["tags_all"]) or {}
    if policy.ignores_more:
        remote = {key: value for key, value in remote.items() if key in had or key in had_all}
    telling = policy.is_known and not applied
    own = {
        key: value
        for key, value in remote.items()
        if key in had or (telling and policy.defaults.get(key) != value and had_all.get(key) != value)
    }
    return own or None, remote


def without_strays(api: Mapping[str, Any], prior: Values | None, planned: Values) -> Mapping[str, Any]:
    """The notebook without tags that neither the prior state nor the plan has: they have come since the plan was made.

    An update that has done what was planned returns what was planned; the next refresh shows them.
    """
    known = {*((prior and prior["tags_all"]) or {}), *(planned["tags_all"] or {}), *(planned["tags"] or {})}
    kept = [tag for tag in api.get("tags") or [] if tag.get("key") in known or is_hidden(str(tag.get("key")))]
    return {**api, "tags": kept}


def tag_changes(before: Values | None, after: Values | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which tags to set, and which keys to take away; never those that nobody sees, which an older state may hold."""
    old, new = before or {}, after or {}
    add = {key: value for key, value in new.items() if old.get(key) != value and not is_hidden(key)}
    return add, tuple(sorted(key for key in old if key not in new and not is_hidden(key)))
