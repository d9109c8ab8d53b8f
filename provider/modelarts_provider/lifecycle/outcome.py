"""What a run hands back: the true observation, what failed, and whether the power state was restored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic

from modelarts_provider.lifecycle.changes import ObservedT
from modelarts_provider.lifecycle.lease import ObservedLease
from modelarts_provider.lifecycle.steps import Step


class Reason(Enum):
    """Why a run failed; the value is what to do about it."""

    REFUSED = "Fix what the message names, and apply again."
    GONE = "Run terraform plan: a notebook that is gone leaves the state at the next refresh."
    GOING = "Run terraform plan when it is gone: it leaves the state then, and the plan creates it anew."
    TOO_LARGE = "A disk never shrinks: write that size (or more), or leave size out, and plan again."
    NO_CAPACITY = "Apply again later, or choose a flavor that has capacity."
    FROZEN = "Settle the account's arrears, then apply again."
    UNREACHABLE = "Apply again when the service answers."
    FAILED_STATE = "Look the notebook up in the console; an apply tries again from the state that it is in."
    FAILED_FORBIDS = (
        'Set desired_status = "RUNNING" (or "STOPPED") and apply again: the notebook is then brought out of this state '
        "first, where the service can start it. Or mend it in the console."
    )
    FAILED_FOR_GOOD = (
        "Nothing leads out of this state: take the change back, and replace it (terraform apply -replace, which deletes a "
        "managed disk with it), or look it up in the console first."
    )
    TIMEOUT = "Apply again, with a longer timeouts.update if the service is this slow."
    CANCELLED = "Apply again to go on."
    CONSENT = "Set allow_stopping_for_update = true, or bring it into the other power state first (desired_status)."
    NO_WAY = "Change the notebook's power state (desired_status), then apply again."


@dataclass(frozen=True, slots=True)
class StepError:
    """What went wrong.

    Attributes:
        reason: Its kind, which says what to do.
        step: The step that failed; None before the first one.
        what: What happened, a sentence.
        cause: The caller's own error where there is one, else the exception met.
    """

    reason: Reason
    step: Step | None
    what: str
    cause: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[ObservedT]):
    """The end of a run.

    Attributes:
        observed: The notebook as it was read last; None when it never could be read.
        fresh: Whether that read succeeded after everything else. Otherwise the state may be behind, as a warning says.
        error: What failed; None when every step was done. ``Reason.GONE`` only when a second read found it gone too.
        restored: After an error, when we had moved the notebook out of the power state that it ought to be in: whether
            it is back there or on its way. None when there was nothing to bring back.
        warnings: What the user should be told, without the notebook's name.
        done: The steps that were done, in order, those of all plans of the run.
        applied: Rows of the field table whose change has reached the API.
        where: Where the notebook is now, a sentence for the error; empty without one.
        marked: Whether a mark was left and stands. False: it was taken away, which ``observed`` may not show yet. None:
            the run had nothing to do with one.
        carried: The auto-stop that was found and that our start carried on; None where it set one, or nothing was started.
    """

    observed: ObservedT | None
    fresh: bool
    error: StepError | None = None
    restored: bool | None = None
    warnings: tuple[str, ...] = ()
    done: tuple[Step, ...] = ()
    applied: frozenset[str] = frozenset()
    where: str = ""
    marked: bool | None = None
    carried: ObservedLease | None = None

    @property
    def detail(self) -> str:
        """For an error: what happened, where the notebook is now, what to do. Empty without one."""
        if self.error is None:
            return ""
        return f"{self.error.what} {self.where} {self.error.reason.value}"
