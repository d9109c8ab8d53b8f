"""Which servers' certificates are trusted."""

from __future__ import annotations

import ssl
from typing import Final

from modelarts_provider.api.errors import ConnectionFailed
from modelarts_provider.api.local_files import UnreadableFile, check_regular, shown_path

MOST_BYTES: Final = 16 * 1024 * 1024
"""All the authorities that browsers know fill a quarter of a megabyte."""


def verify(
    *,
    insecure: bool = False,
    cacert_file: str | None = None,
    name: str = "cacert_file",
    alone: bool = False,
    hides_path: bool = False,
) -> bool | ssl.SSLContext:
    """What Client takes as ``verify``.

    Args:
        insecure: Trust every certificate.
        cacert_file: A file of certificate authorities in PEM, or such text itself; trusted besides the usual ones.
        name: The setting, as errors name it.
        alone: Whether the file takes the place of the usual authorities.
        hides_path: Whether errors leave the path out: it is the value of an argument of the provider block.

    Raises:
        ConnectionFailed: The file can't be read or holds no certificate.
    """
    if insecure:
        return False
    if not cacert_file:
        return True
    is_text = "-----BEGIN" in cacert_file
    shown = f"the {'text' if is_text else 'file'} of {name}" if is_text or hides_path else shown_path(cacert_file)
    try:
        file = None if is_text else check_regular(cacert_file, MOST_BYTES)
        context = ssl.create_default_context(cafile=file) if alone and file else ssl.create_default_context()
        if is_text:
            # comments in it may be in any language
            context.load_verify_locations(cadata=cacert_file.encode("ascii", "ignore").decode())
        elif not alone:
            context.load_verify_locations(cafile=file)
    except UnreadableFile as error:
        raise _unusable(name, f"{shown} {error.why}") from None
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _unusable(name, f"{shown} holds no certificate in PEM, or one that can't be read") from error
    return context


def _unusable(name: str, why: str) -> ConnectionFailed:
    where = "cacert_file (HW_CACERT_FILE)" if name == "cacert_file" else name
    return ConnectionFailed(
        f"the certificate authorities of {name} can't be used: {why}",
        reason="tls",
        next_step=f"Set {where} to a readable file with certificates in PEM.",
    )
