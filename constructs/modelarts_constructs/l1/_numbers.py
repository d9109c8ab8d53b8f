"""Numbers that only Terraform knows, in a form that can't be reckoned with by accident.

The CDK library writes such a number as a float whose digits are a code. ``number + 10`` is that same float again, so the
ten is lost without a word; in text after a sign or a digit the code itself would end up in the configuration.
"""

from __future__ import annotations

from typing import Any, Final

from modelarts_constructs._cdk import cdktf
from modelarts_constructs.errors import ConstructError

_REFUSED: Final = {
    "add": "cdktf.Op.add(a, b)",
    "sub": "cdktf.Op.sub(a, b)",
    "mul": "cdktf.Op.mul(a, b)",
    "truediv": "cdktf.Op.div(a, b)",
    "floordiv": "cdktf.Fn.floor(cdktf.Op.div(a, b))",
    "mod": "cdktf.Op.mod(a, b)",
    "pow": "cdktf.Fn.pow(a, b)",
    "lt": "cdktf.Op.lt(a, b)",
    "le": "cdktf.Op.lte(a, b)",
    "gt": "cdktf.Op.gt(a, b)",
    "ge": "cdktf.Op.gte(a, b)",
    "neg": "cdktf.Op.negate(a)",
    "abs": "cdktf.Fn.abs(a)",
    "int": "cdktf.Fn.floor(a)",
    "round": "cdktf.Fn.floor(a)",
}
"""What Python would do with the code, and what to write instead."""

_REFLECTED: Final = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")


class Number(float):
    """A number token. In text it is the expression; to reckon with it is an error that says what to write instead."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(cdktf.Token.as_string(float(self)))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def _refusal(operation: str, instead: str) -> Any:
    def refuse(*_: Any) -> Any:
        msg = f"Python can't {operation} a number that only Terraform knows: write {instead}"
        raise ConstructError(msg)

    return refuse


for _name, _instead in _REFUSED.items():
    setattr(Number, f"__{_name}__", _refusal(_name, _instead))
    if _name in _REFLECTED:
        setattr(Number, f"__r{_name}__", _refusal(_name, _instead))
