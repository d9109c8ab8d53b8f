"""Deadlines, cancellation, and what waits for an answer to be sent: shared by everything that waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
_FOREVER = 10**8

Later: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
_LATER: ContextVar[list[Later]] = ContextVar("what follows the answer")


async def once_answered(work: Later) -> None:
    """Have something done when the answer of the call under way has been sent; never where nobody waits for it any more.

    At once where nobody tells when that is, as in tests that call an operation directly.
    """
    later = _LATER.get(None)
    if later is None:
        await work()
    else:
        later.append(work)


@contextmanager
def collecting_later() -> Iterator[list[Later]]:
    """Collect what the call that is begun inside leaves for after its answer; see ``once_answered``."""
    later: list[Later] = []
    token = _LATER.set(later)
    try:
        yield later
    finally:
        _LATER.reset(token)


class CancelledByUser(Exception):
    """The user (or a pipeline) asked to stop; raised from a wait, at once."""


class DeadlineExceeded(Exception):
    """An operation did not finish within its timeout."""


class Cancel:
    """A flag that is set once and that any number of waits observe.

    One per provider process: Terraform's StopProvider call sets it. ``shield()`` gives a cancel that is never
    set, for the work that restores an instance after a stop was asked for.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Ask every wait to end."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether a stop has been asked for."""
        return self._event.is_set()

    def raise_if_set(self) -> None:
        """Raise CancelledByUser when a stop has been asked for."""
        if self._event.is_set():
            raise CancelledByUser

    async def sleep(self, seconds: float) -> None:
        """Sleep, or raise CancelledByUser as soon as a stop is asked for."""
        self.raise_if_set()
        try:
            await asyncio.wait_for(self._event.wait(), timeout=max(0.0, seconds))
        except TimeoutError:
            return
        raise CancelledByUser

    @staticmethod
    def shield() -> Cancel:
        """A cancel of its own that nobody sets."""
        return Cancel()


async def unless_cancelled(work: Coroutine[Any, Any, T], cancel: Cancel, grace: float = 0.0) -> T:
    """The result of the work, which is given up when a stop is asked for.

    Args:
        work: Something without an effect outside of this process, such as reading; anything else needs ``grace``.
        cancel: What ends it.
        grace: Seconds that the work has left after a cancel, so that its outcome is known.

    Raises:
        CancelledByUser: A stop was asked for, and the work did not end in time: its outcome is unknown.
    """
    if cancel.is_set:
        work.close()
        raise CancelledByUser
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(cancel.sleep(_FOREVER))
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done() and grace > 0.0:
            await asyncio.wait({task}, timeout=grace)
        if task.done():
            return task.result()
        raise CancelledByUser
    finally:
        for left in (task, stop):
            left.cancel()
        # Both must have ended before this returns: an abandoned read would go on using the connection.
        await asyncio.gather(task, stop, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, in seconds."""

    at: float
    seconds: float = field(compare=False, default=0.0)

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that many seconds from now."""
        return cls(at=time.monotonic() + seconds, seconds=seconds)

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether the moment has passed."""
        return self.remaining <= 0.0


_PRESENT: ContextVar[Deadline | None] = ContextVar("present deadline", default=None)
_CANCEL: ContextVar[Cancel | None] = ContextVar("present cancel", default=None)


@contextmanager
def within(deadline: Deadline, cancel: Cancel | None = None) -> Iterator[None]:
    """Everything that is begun inside, however far down, knows the deadline of the operation that it belongs to.

    A context variable, so that the layers between an operation and its calls don't each pass it on.

    Args:
        deadline: Of the operation.
        cancel: What ends the reading of lists inside; by default, what did so outside. Other calls don't heed it: who makes
            them watches the cancel, and what restores has to read on after it.
    """
    token = _PRESENT.set(deadline)
    stop = _CANCEL.set(cancel or _CANCEL.get())
    try:
        yield
    finally:
        _CANCEL.reset(stop)
        _PRESENT.reset(token)


def present_deadline() -> Deadline | None:
    """The deadline of the operation that this is a part of, None outside of any."""
    return _PRESENT.get()


def present_cancel() -> Cancel | None:
    """What ends the reading of a list that this is a part of, None where nothing does."""
    return _CANCEL.get()


@dataclass(slots=True)
class Sendings:
    """How often one write was sent in vain: no answer came, or one that only says "not now" (5xx, 429).

    The client sends some calls again by itself, and whoever looks at the instance in between sends them again as well. They
    share one number, or the two would multiply.

    Attributes:
        failed: How often so far.
        most: How often at most, told by the client that sends; None before it has.
    """

    failed: int = 0
    most: int | None = None

    @property
    def are_spent(self) -> bool:
        """Whether it may not be sent again."""
        return self.most is not None and self.failed >= self.most


_SENDINGS: ContextVar[Sendings | None] = ContextVar("present sendings", default=None)


@contextmanager
def counting(sendings: Sendings) -> Iterator[None]:
    """Every write that is begun inside counts as the same one."""
    token = _SENDINGS.set(sendings)
    try:
        yield
    finally:
        _SENDINGS.reset(token)


def present_sendings() -> Sendings | None:
    """The count of the write that this is a part of, None where nobody counts."""
    return _SENDINGS.get()
