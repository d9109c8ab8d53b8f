"""The rules for values that a notebook doesn't have yet: an existing one may break them, so a plan checks them. Pure."""

from __future__ import annotations

from typing import Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.validation import validate_new_values
from modelarts_provider.framework.schema.values import Values
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

REPLACED: Final = "Other attributes replace the notebook, and the new one can't have this value."


def check_new_values(prior: Values | None, planned: Values, *, replacing: bool = False) -> Diagnostics:
    """Errors for what a create or an update would send and the API's documents don't allow.

    Args:
        prior: The prior state, None of a create.
        planned: The planned state.
        replacing: Whether the plan replaces the notebook: the new one is sent everything.
    """
    if prior is None:
        return validate_new_values(SCHEMA, None, planned)
    if replacing:
        return validate_new_values(SCHEMA, None, planned, REPLACED)
    return validate_new_values(SCHEMA, prior, planned)
