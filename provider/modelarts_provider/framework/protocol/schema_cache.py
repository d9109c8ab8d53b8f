"""The encoded schema, kept beside the compiled sources: a start that is asked for nothing else imports no resource.

Terraform asks one of the two to five providers that it starts per command for the schema, and ends it then. Reading what
an earlier start has encoded saves that one a third of its time. The file follows the rules of compiled sources: it lies
in ``__pycache__``, counts only while every source is as it was, and isn't written where Python may not write those.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256

from modelarts_provider.framework.protocol.codec import decode

TYPE_CHECKING = False  # importing typing costs a start more than this module
if TYPE_CHECKING:
    from modelarts_provider.framework.protocol.services import Dispatch, Make

METHOD = "GetProviderSchema"
FILE = "provider-schema.bin"


class SchemaCache:
    """The file of one package.

    Args:
        package: The folder of the package whose sources make up the schema.
    """

    def __init__(self, package: str) -> None:
        self._package = package
        self.path = os.path.join(package, "__pycache__", FILE)  # noqa: PTH118 - pathlib is not imported for this

    def read(self) -> bytes | None:
        """The encoded schema, where it was kept and no source has changed since."""
        try:
            with open(self.path, "rb") as file:  # noqa: PTH123 - as above
                kept = file.read()
            key = self._key()
        except OSError:
            return None
        return kept[len(key) :] if kept.startswith(key) else None

    def write(self, schema: bytes) -> None:
        """Keep the encoded schema; a folder that can't be written is no error."""
        if sys.dont_write_bytecode:
            return
        fresh = f"{self.path}.{os.getpid()}"
        try:
            with open(fresh, "wb") as file:  # noqa: PTH123 - as above
                file.write(self._key() + schema)
            os.replace(fresh, self.path)  # noqa: PTH105 - as above
        except OSError:
            return

    def _key(self) -> bytes:
        """What tells one state of the sources from another: their names, sizes and times of change."""
        folders = [self._package]
        facts = []
        for folder in folders:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.endswith(".py"):
                        found = entry.stat()
                        facts.append((entry.path, found.st_size, found.st_mtime_ns))
                    elif entry.is_dir() and entry.name != "__pycache__":
                        folders.append(entry.path)
        return sha256(repr(sorted(facts)).encode()).digest()


class SchemaFirst:
    """A dispatch that answers for the schema from the cache, and makes the real one at the first other call.

    Args:
        cache: Where the schema is kept.
        make: Gives the real dispatch.
    """

    def __init__(self, cache: SchemaCache, make: Make) -> None:
        self._cache = cache
        self._make = make
        self._made: Dispatch | None = None

    async def __call__(self, method: str, request: bytes) -> bytes:
        """Answer one call."""
        if method != METHOD or self._made is not None:
            return await self._dispatch(method, request)
        schema = self._cache.read()
        if schema is None:
            schema = await self._dispatch(method, request)
            if not decode(f"{METHOD}.Response", schema)["diagnostics"]:  # never a failure
                self._cache.write(schema)
        return schema

    async def _dispatch(self, method: str, request: bytes) -> bytes:
        if self._made is None:
            self._made = self._make()
        return await self._made(method, request)
