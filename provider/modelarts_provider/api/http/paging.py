"""Reading a list page by page, to its end: which comes, whatever the service answers, within bounds of pages and time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeAlias

from modelarts_provider.api.errors import EndlessList, MalformedAnswer, OutOfTime
from modelarts_provider.framework.cancellation import present_cancel, present_deadline, unless_cancelled

Page: TypeAlias = tuple[list[dict[str, Any]], int | None]
ReadPage: TypeAlias = Callable[[dict[str, int | None]], Awaitable[Page]]

MOST_PAGES: Final = 400
"""Of 50 instances each, 20,000 of a project: far more than any quota, and read in a minute or two."""

LONGEST_ID: Final = 256


async def all_items(read: ReadPage, path: str, limit: int | None) -> AsyncIterator[dict[str, Any]]:
    """Items of all pages, each id once. What has no id can't be asked for, and is left out.

    The offset counts records. ``total`` decides whether more pages follow, because what the service makes of an unusual
    limit is not documented; without a total, or with one that the pages exceed, a short page is the last. A page of nothing
    but known ids ends it too.

    Args:
        read: Gives the items of a page, and how many there are in all where the service says that.
        path: As errors show it.
        limit: How many items to ask for at a time, None where the service decides.

    Raises:
        EndlessList: There are more than MOST_PAGES pages.
        OutOfTime: The deadline of the operation that this is a part of is over.
        MalformedAnswer: A page has items, and none of them an id.
        CancelledByUser: A stop was asked for.
    """
    seen: set[str] = set()
    offset = 0
    for page in range(MOST_PAGES):
        _raise_if_over(page, path)
        paging = {} if limit is None and offset == 0 else {"limit": limit, "offset": offset}
        data, total = await _unless_stopped(read(paging))
        named = [item for item in data if _has_id(item)]
        if data and not named:
            raise MalformedAnswer("no item of the list has an id", method="GET", path=path)
        known = len(seen)
        for item in named:
            if item["id"] not in seen:
                seen.add(item["id"])
                yield item
        offset += len(data)
        full = limit is not None and len(data) >= limit
        is_last = offset == total if total is not None and offset <= total else not full
        if len(seen) == known or is_last:
            return
    raise EndlessList(f"the list goes on after {MOST_PAGES} pages", method="GET", path=path)


def _raise_if_over(pages: int, path: str) -> None:
    deadline = present_deadline()
    # The first page is read all the same: it may be the last look, which tells how something ended.
    if pages and deadline is not None and deadline.is_over:
        message = f"the list was not read to its end within {deadline.seconds:g} s ({pages} pages)"
        raise OutOfTime(message, method="GET", path=path)


async def _unless_stopped(work: Awaitable[Page]) -> Page:
    cancel = present_cancel()
    return await (_coroutine(work) if cancel is None else unless_cancelled(_coroutine(work), cancel))


async def _coroutine(work: Awaitable[Page]) -> Page:
    return await work


def _has_id(item: dict[str, Any]) -> bool:
    found = item.get("id")
    # What isn't printable (half of a surrogate pair is not) could neither be asked for nor shown.
    return isinstance(found, str) and len(found) <= LONGEST_ID and found.isprintable() and bool(found.strip())
