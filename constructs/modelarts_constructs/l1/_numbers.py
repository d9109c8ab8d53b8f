"""Numbers that are only known during the apply, in a form that can't be reckoned with by accident.

The CDK library writes such a number as a float whose digits are a code. ``number + 10`` is that same float again, so the
ten is lost without a word; in text after a sign or a digit the code itself would end up in the configuration.
"""

from __future__ import annotations

from typing import Any, Final, Self

from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1._unknowns import Unchangeable, refusal

_REFUSED: Final = {
    "add": ("add to it", "cdktf.Op.add(a, b)"),
    "sub": ("subtract with it", "cdktf.Op.sub(a, b)"),
    "mul": ("multiply it", "cdktf.Op.mul(a, b)"),
    "truediv": ("divide with it", "cdktf.Op.div(a, b)"),
    "floordiv": ("divide with it", "cdktf.Fn.floor(cdktf.Op.div(a, b))"),
    "mod": ("divide with it", "cdktf.Op.mod(a, b)"),
    "pow": ("raise it to a power", "cdktf.Fn.pow(a, b)"),
    "lt": ("compare it", "cdktf.Op.lt(a, b)"),
    "le": ("compare it", "cdktf.Op.lte(a, b)"),
    "gt": ("compare it", "cdktf.Op.gt(a, b)"),
    "ge": ("compare it", "cdktf.Op.gte(a, b)"),
    "neg": ("change its sign", "cdktf.Op.negate(a)"),
    "abs": ("take its sign away", "cdktf.Fn.abs(a)"),
    "int": ("round it", "cdktf.Fn.floor(a)"),
    "round": ("round it", "cdktf.Fn.floor(a)"),
}
"""What Python would do with the code, and what to write instead."""

_REFLECTED: Final = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")


class Number(Unchangeable, float):
    """A number token. In text it is the expression; to reckon with it is an error that says what to write instead."""

    __slots__ = ("_path",)
    _path: str

    def __new__(cls, token: float, path: str) -> Self:
        """Make one.

        Args:
            token: The CDK library's own form of it.
            path: The attribute that it is, for errors.
        """
        made = super().__new__(cls, token)
        made._path = path
        return made

    def __str__(self) -> str:
        return str(cdktf.Token.as_string(float(self)))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        raise refusal(f"{self._path} is a number", "compare it", "cdktf.Op.eq(a, b)")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = float.__hash__


def _refusing(question: str, instead: str) -> Any:
    def refuse(self: Number, *_: Any) -> Any:
        raise refusal(f"{self._path} is a number", question, instead)

    return refuse


for _name, (_question, _instead) in _REFUSED.items():
    setattr(Number, f"__{_name}__", _refusing(_question, _instead))
    if _name in _REFLECTED:
        setattr(Number, f"__r{_name}__", _refusing(_question, _instead))
