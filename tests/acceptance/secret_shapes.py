"""The shapes in which a secret can turn up in a file or a log: as it is, escaped, and encoded, alone or inside of more."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def shapes(secret: str) -> dict[str, bytes]:
    """Each shape by its name. The Base64 of a longer text that holds the secret has one of three forms of it, whole but for
    the characters at its ends, which its neighbours share."""
    raw = secret.encode()
    found = {
        "as it is": raw,
        "JSON": json.dumps(secret)[1:-1].encode(),
        "JSON, not ASCII": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        "JSON for HTML": json.dumps(secret).translate({60: r"\u003c", 62: r"\u003e", 38: r"\u0026"})[1:-1].encode(),
        "a Go string": json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(),
        "a URL": quote(secret, safe="").encode(),
        "a form": quote_plus(secret).encode(),
        "hexadecimal": raw.hex().encode(),
        "Latin-1": secret.encode("latin-1", "replace"),
    }
    for offset in range(3):
        padding = -(offset + len(raw)) % 3
        whole = base64.b64encode(b"\0" * offset + raw + b"\0" * padding)
        inner = whole[(0, 2, 3)[offset] : len(whole) - (0, 2, 3)[padding]]
        found[f"Base64 at {offset}"] = inner
        found[f"Base64 for URLs at {offset}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return found


def found_in(data: bytes, secrets: dict[str, str]) -> list[str]:
    """Which secrets are in these bytes, and in which shape."""
    return [
        f"{name} ({shape})"
        for name, secret in secrets.items()
        for shape, form in shapes(secret).items()
        if form in data
    ]


def everything_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The content of each file below a folder; of a plan file, that of each of its members."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    yield f"{name}:{member}", archive.read(member)
        else:
            yield name, path.read_bytes()
