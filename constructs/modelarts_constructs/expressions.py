"""Terraform expressions as values."""

from __future__ import annotations

from modelarts_constructs._cdk import cdktf


def expression(text: str) -> str:
    """A token for a Terraform expression: ``expression("var.region")``.

    Text that is written into ``Notebook`` is literal, so ``"${var.region}"`` there would mean those characters. (The CDK
    library's ``Token.as_string`` gives text back as it is.)

    Args:
        text: The expression, without ``${`` and ``}`` around it.
    """
    return cdktf.Token.as_string(cdktf.Token.as_any(f"${{{text}}}"))
