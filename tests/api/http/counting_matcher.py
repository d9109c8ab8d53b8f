"""A matcher for regular expressions that counts its steps, so that a test can see how they grow without a clock.

It backtracks as Python's does, without the shortcuts: what is linear here is linear there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_CATEGORIES = {
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    codes.CATEGORY_DIGIT: str.isdecimal,
    codes.CATEGORY_NOT_DIGIT: lambda char: not char.isdecimal(),
    codes.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    codes.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}


class Counting:
    """One pattern, and how many steps matching it has taken."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        self._tree = list(
            parser.parse(source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
        )
        self._fold = bool(pattern.flags & re.IGNORECASE)
        self._all = bool(pattern.flags & re.DOTALL)
        self.steps = 0

    def fullmatch(self, text: str) -> bool:
        return any(end == len(text) for end in self._sequence(self._tree, 0, text, 0))

    def search_all(self, text: str) -> int:
        """How many matches ``finditer`` would find."""
        at = found = 0
        while at <= len(text):
            end = next(self._sequence(self._tree, 0, text, at), None)
            found += end is not None
            at = max(at + 1, end or 0)
        return found

    def _sequence(self, nodes: list[Any], index: int, text: str, at: int) -> Iterator[int]:
        self.steps += 1
        if index == len(nodes):
            yield at
            return
        for end in self._node(nodes[index], text, at):
            yield from self._sequence(nodes, index + 1, text, end)

    def _node(self, node: Any, text: str, at: int) -> Iterator[int]:  # noqa: C901  # a row for each kind of node
        code, argument = node
        self.steps += 1
        match code:
            case codes.LITERAL | codes.NOT_LITERAL | codes.ANY | codes.IN:
                if at < len(text) and self._takes(code, argument, text[at]):
                    yield at + 1
            case codes.SUBPATTERN:
                yield from self._sequence(list(argument[-1]), 0, text, at)
            case codes.BRANCH:
                for branch in argument[1]:
                    yield from self._sequence(list(branch), 0, text, at)
            case codes.MAX_REPEAT | codes.MIN_REPEAT:
                least, most, inner = argument
                yield from self._repeat(list(inner), least, most, text, at, greedy=code is codes.MAX_REPEAT)
            case codes.ASSERT | codes.ASSERT_NOT:
                direction, inner = argument
                start = at if direction > 0 else at - sum(1 for _ in inner)
                holds = start >= 0 and any(True for _ in self._sequence(list(inner), 0, text, start))
                if holds is (code is codes.ASSERT):
                    yield at
            case codes.AT:
                if self._is_at(argument, text, at):
                    yield at
            case _:
                raise NotImplementedError(code)

    def _repeat(self, inner: list[Any], least: int, most: int, text: str, at: int, *, greedy: bool) -> Iterator[int]:
        """Without recursion for one repetition in the other, since there are as many as characters."""
        ends = [at]
        pending = [self._sequence(inner, 0, text, at)]
        if not greedy and least == 0:
            yield at
        while pending:
            end = next(pending[-1], None) if len(ends) - 1 < most else None
            if end is not None and end > ends[-1]:
                ends.append(end)
                pending.append(self._sequence(inner, 0, text, end))
                if not greedy and len(ends) - 1 >= least:
                    yield end
                continue
            if greedy and len(ends) - 1 >= least:
                self.steps += 1
                yield ends[-1]
            ends.pop()
            pending.pop()

    def _takes(self, code: Any, argument: Any, char: str) -> bool:
        if code is codes.ANY:
            return self._all or char != "\n"
        chars = {char, char.lower(), char.upper()} if self._fold else {char}
        if code is codes.LITERAL:
            return any(ord(each) == argument for each in chars if len(each) == 1)
        if code is codes.NOT_LITERAL:
            return all(ord(each) != argument for each in chars if len(each) == 1)
        negated = argument[0][0] is codes.NEGATE
        return any(self._in(item, each) for item in argument for each in chars if len(each) == 1) is not negated

    @staticmethod
    def _in(item: Any, char: str) -> bool:
        code, argument = item
        match code:
            case codes.LITERAL:
                return ord(char) == argument
            case codes.RANGE:
                return argument[0] <= ord(char) <= argument[1]
            case codes.CATEGORY:
                return bool(_CATEGORIES[argument](char))
        return False

    @staticmethod
    def _is_at(argument: Any, text: str, at: int) -> bool:
        def is_word(index: int) -> bool:
            return 0 <= index < len(text) and (text[index].isalnum() or text[index] == "_")

        match argument:
            case codes.AT_BEGINNING | codes.AT_BEGINNING_STRING:
                return at == 0
            case codes.AT_END:
                return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
            case codes.AT_END_STRING:
                return at == len(text)
            case codes.AT_BOUNDARY:
                return is_word(at - 1) is not is_word(at)
        raise NotImplementedError(argument)
