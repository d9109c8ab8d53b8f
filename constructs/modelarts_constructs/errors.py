"""What the constructs raise: ordinary Python errors at the line that wrote the wrong value."""

from __future__ import annotations

import re
from typing import Any, Final

LONGEST: Final = 80
"""Characters of a value that an error shows."""

NUMBER_STAND_IN: Final = r"-(?:8\.1095622125\d*e\+298|1\.88815458970\d*e\+289)"
"""A number that the CDK library will replace, as Python prints it."""

_STAND_IN: Final = re.compile(rf"\{{TfToken\[|{NUMBER_STAND_IN}")


class ConstructError(ValueError):
    """A value, an id or a way of use that Terraform or the API would refuse, said before anything is synthesised."""


def shown(value: Any) -> str:
    """A value as an error shows it, shortened; beside a stand-in of the CDK library the words for what it is.

    Args:
        value: What was written.
    """
    text = repr(value)
    later = " (only known during the apply)" if _STAND_IN.search(text) else ""
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]}…") + later


def kind_of(value: Any) -> str:
    """What stands in the place of a value that may be a secret: None, a number or True as it is, else the type's name.

    Args:
        value: What was written.
    """
    return shown(value) if value is None or isinstance(value, int | float) else f"of the type {type(value).__name__}"
