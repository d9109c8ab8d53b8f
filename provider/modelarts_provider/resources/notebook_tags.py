"""Tags: the resource's own, the provider's defaults, what is ignored, and our mark, which nobody sees. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.paths import ROOT, path
from modelarts_provider.core.schema import Attribute, in_place
from modelarts_provider.core.types import STRING, MapOf
from modelarts_provider.core.validators import Each, Keys, Length, Matches, MatchesUnshown, Problem
from modelarts_provider.core.values import UNKNOWN

Values = dict[str, Any]

MARK: Final = "terraform-provider-modelarts"
"""Key of the tag by which an interrupted update is found again; one of the service's 20 tags is kept free for it."""

MOST_TAGS: Final = 19


@dataclass(frozen=True, slots=True)
class NotReserved:
    """Keys that the service or the provider keeps for itself."""

    def describe(self) -> str:
        """What is allowed."""
        return f"not start with _sys_ and not be {MARK}"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem for a reserved key."""
        if value.startswith("_sys_") or value == MARK:
            yield ROOT, f"{value!r} is reserved: it must {self.describe()}"


KEY_RULES: Final = (
    Keys(Length(1, 128)),
    Keys(Matches(r"(?! )[\w .:=+@-]*(?<! )", "consist of letters, digits, spaces inside and _ . : = + - @")),
    Keys(NotReserved()),
)
VALUE_RULES: Final = (
    Each(Length(0, 255)),
    Each(MatchesUnshown(r"[\w .:=+@/-]*", "consist of letters, digits, spaces and _ . : / = + - @")),
)
TAG_RULES: Final = (*KEY_RULES, *VALUE_RULES)

TAGS: Final = Attribute(
    type=MapOf(STRING),
    description=(
        f"Tags of the instance, at most {MOST_TAGS} together with the provider's `default_tags`, which they override. "
        "Changing them never stops anything."
    ),
    optional=True,
    change=in_place("tags"),
    new_value_validators=TAG_RULES,
)

TAGS_ALL: Final = Attribute(
    type=MapOf(STRING),
    description="All tags of the instance: `tags` and the provider's `default_tags`, without ignored ones.",
    computed=True,
)


@dataclass(frozen=True, slots=True)
class TagPolicy:
    """What the provider block says about tags; ``defaults`` is UNKNOWN where it isn't known yet."""

    defaults: Any = field(default_factory=dict)
    ignored_keys: frozenset[str] = frozenset()
    ignored_prefixes: tuple[str, ...] = ()

    def ignores(self, key: str) -> bool:
        """Whether a tag is none of our business."""
        return key in self.ignored_keys or key.startswith(self.ignored_prefixes or ("\0",))


def all_tags(tags: Any, policy: TagPolicy) -> Any:
    """The planned ``tags_all``: the provider's defaults, overridden by the resource's."""
    if tags is UNKNOWN or policy.defaults is UNKNOWN:
        return UNKNOWN
    return {**policy.defaults, **(tags or {})}


def check_tags(planned: Values, policy: TagPolicy, found: Diagnostics, prior: Values | None = None) -> None:
    """Errors that need the provider block: too many in all, or a tag that is to be ignored.

    As many as the notebook has already may stay: an imported one can have all that the service takes.
    """
    everything = planned["tags_all"]
    if everything is UNKNOWN or everything is None:
        return
    if len(everything) > max(MOST_TAGS, len((prior and prior["tags_all"]) or {})):
        found.error(
            f'Too many tags for notebook "{planned["name"]}"',
            f"tags and the provider's default_tags make {len(everything)}, and {MOST_TAGS} are possible (the service "
            "takes 20, and one is kept for the mark that brings back an interrupted update).",
            path("tags"),
        )
    for key in sorted(everything):
        if policy.ignores(key):
            found.error(
                f'A tag of notebook "{planned["name"]}" is to be ignored',
                f"{key} is set in tags or default_tags, and the provider's ignore_tags leaves it to others. Take it "
                "out of one of them.",
                path("tags"),
            )


def read_tags(api: Mapping[str, Any], known: Values | None, policy: TagPolicy) -> tuple[Values | None, Values]:
    """``tags`` and ``tags_all`` of the state, from the remote tags less ignored ones and our mark.

    ``tags`` has only keys that are configured, or that aren't defaults of the provider.
    """
    remote = {
        str(tag["key"]): str(tag.get("value") or "")
        for tag in api.get("tags") or []
        if tag.get("key") and tag["key"] != MARK and not policy.ignores(tag["key"])
    }
    configured = (known and known["tags"]) or {}
    defaults = {} if policy.defaults is UNKNOWN else policy.defaults
    own = {key: value for key, value in remote.items() if key in configured or key not in defaults}
    return own or None, remote


def tag_changes(before: Values | None, after: Values | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which tags to set, and which keys to take away."""
    old, new = before or {}, after or {}
    add = {key: value for key, value in new.items() if old.get(key) != value}
    return add, tuple(sorted(key for key in old if key not in new))
