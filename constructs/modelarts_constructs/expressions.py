"""Terraform expressions as values."""

from __future__ import annotations

from modelarts_constructs._cdk import cdktf
from modelarts_constructs.errors import ConstructError, shown


def expression(text: str) -> str:
    """A token for a Terraform expression: ``expression("var.region")``.

    Text that is written into ``Notebook`` is literal, so ``"${var.region}"`` there would mean those characters. (The CDK
    library's ``Token.as_string`` gives text back as it is.)

    Args:
        text: The expression, without ``${`` and ``}`` around it.

    Raises:
        ConstructError: it is no text, or has them around it.
    """
    given: object = text
    if not isinstance(given, str) or not given or given.startswith("${"):
        msg = f'expression({shown(given)}): must be a Terraform expression without ${{ and }}, such as "var.region"'
        raise ConstructError(msg)
    return cdktf.Token.as_string(cdktf.Token.as_any(f"${{{text}}}"))
