"""What can go wrong with a call, by kind, and the calls that it can happen to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

WRITES: Final = (
    "CreateNotebook",
    "UpdateNotebook",
    "StopNotebook",
    "StartNotebook",
    "DeleteNotebook",
    "CreateNotebookTags",
    "DeleteNotebookTags",
    "RenewLease",
)
READS: Final = ("ShowNotebook", "ListNotebooks")

KINDS: Final[dict[str, tuple[dict[str, Any], tuple[str, ...]]]] = {
    "refused": ({"status": 400, "error_code": "ModelArts.6400", "error_msg": "no"}, WRITES),
    "busy": ({"status": 400, "error_code": "ModelArts.6357", "error_msg": "busy"}, WRITES),
    "wrong state": (
        {"status": 400, "error_code": "ModelArts.6304", "error_msg": "not in this state"},
        ("UpdateNotebook", "StopNotebook", "StartNotebook", "DeleteNotebook"),
    ),
    "no capacity": ({"status": 400, "error_code": "ModelArts.6360", "error_msg": "sold out"}, ("StartNotebook",)),
    "forbidden": ({"status": 403, "error_code": "APIGW.0302", "error_msg": "no access"}, (*WRITES, *READS)),
    "500": ({"status": 500, "error_code": "ModelArts.6361", "error_msg": "internal"}, (*WRITES, *READS)),
    "503": ({"status": 503}, (*WRITES, *READS)),
    "429": ({"status": 429}, (*WRITES, *READS)),
    "429 with Retry-After": ({"status": 429, "retry_after": 1}, (*WRITES, *READS)),
    "cut before": ({"cut": "before"}, (*WRITES, *READS)),
    "cut after": ({"cut": "after"}, (*WRITES, *READS)),
    "latency": ({"latency_ms": 300}, (*WRITES, *READS)),
    "slow body": ({"slow_body_ms": 200}, (*WRITES, *READS)),
}
"""By kind: the emulator's fault, and the operations that it is tried on."""

FAILING: Final = {"create": "CreateNotebook", "start": "StartNotebook", "delete": "DeleteNotebook"}
"""Actions that the service accepts and that end in a failed state, and their calls: one more kind, `failed state`."""
FAILED_STATE: Final = "failed state"
ALL_KINDS: Final = (*KINDS, FAILED_STATE)


@st.composite
def faults(draw: st.DrawFn, operations: tuple[str, ...] = (*WRITES, *READS)) -> tuple[str, Mapping[str, Any]]:
    """A kind of fault of one of these operations, and what the emulator is told; what is favoured comes more often."""
    favoured: tuple[str, ...] = draw(st.runner()).favoured
    possible = {kind: [name for name in operations if name in suitable] for kind, (_, suitable) in KINDS.items()}
    failing = [action for action, name in FAILING.items() if name in operations]
    kinds = [*(kind for kind in KINDS if possible[kind]), *([FAILED_STATE] if failing else [])]
    kind = draw(st.sampled_from([*kinds, *[kind for kind in kinds if kind in favoured] * FAVOUR]))
    if kind == FAILED_STATE:
        return kind, {"operation": draw(st.sampled_from(failing)), "fail_reason": "the emulator was told to fail"}
    effect, _ = KINDS[kind]
    operation = draw(st.sampled_from(possible[kind]))
    return kind, {**effect, "operation": operation, "count": draw(st.sampled_from([1, 1, 1, 2, 4]))}


def one_of(kind: str, operations: tuple[str, ...]) -> tuple[str, Mapping[str, Any]]:
    """A fault of this kind, at the last of these operations that it can happen to."""
    if kind == FAILED_STATE:
        return kind, {"operation": "start", "fail_reason": "the emulator was told to fail"}
    effect, suitable = KINDS[kind]
    operation = [name for name in operations if name in suitable][-1]
    return kind, {**effect, "operation": operation, "count": 1}


FAVOUR: Final = 6
"""How many more times a kind of fault that is favoured stands among those to draw from."""
MOMENTS: Final = ("before", "after")


@st.composite
def kills(draw: st.DrawFn, operations: tuple[str, ...]) -> tuple[str, str, bool]:
    """A call, whether the kill comes before or after its effect, and whether Terraform is killed, too."""
    return draw(st.sampled_from(operations)), draw(st.sampled_from(MOMENTS)), draw(st.booleans())
