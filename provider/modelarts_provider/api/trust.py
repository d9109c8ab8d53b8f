"""Which servers' certificates are trusted."""

from __future__ import annotations

import ssl
from pathlib import Path

from modelarts_provider.api.errors import ConnectionFailed


def verify(*, insecure: bool = False, cacert_file: str | None = None) -> bool | ssl.SSLContext:
    """What Client takes as ``verify``.

    Args:
        insecure: Trust every certificate.
        cacert_file: A file of certificate authorities in PEM, or such text itself; trusted besides the usual ones.

    Raises:
        ConnectionFailed: The file can't be read or holds no certificate.
    """
    if insecure:
        return False
    if not cacert_file:
        return True
    context = ssl.create_default_context()
    try:
        if "-----BEGIN" in cacert_file:
            context.load_verify_locations(cadata=cacert_file)
        else:
            context.load_verify_locations(cafile=str(Path(cacert_file).expanduser()))
    except (OSError, ssl.SSLError, ValueError) as error:
        shown = "cacert_file" if "-----BEGIN" in cacert_file else f"cacert_file {cacert_file}"
        message = f"{shown} can't be used as certificate authorities: {error}"
        raise ConnectionFailed(
            message, reason="tls", next_step="Name a readable file with certificates in PEM."
        ) from error
    return context
