"""Waiting for something that a cancel can end at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from modelarts_provider.framework.cancellation import Cancel, CancelledByUser

_FOREVER = 10**8
T = TypeVar("T")


async def unless_cancelled(work: Coroutine[Any, Any, T], cancel: Cancel) -> T:
    """The result of the work, which is given up as soon as a stop is asked for.

    Only for work that has no effect outside of this process, such as reading.

    Raises:
        CancelledByUser: A stop was asked for before the work was done.
    """
    if cancel.is_set:
        work.close()
        raise CancelledByUser
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(cancel.sleep(_FOREVER))
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise CancelledByUser
    finally:
        for left in (task, stop):
            left.cancel()
        # Both must have ended before this returns: an abandoned read would go on using the connection.
        await asyncio.gather(task, stop, return_exceptions=True)
