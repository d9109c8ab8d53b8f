"""Log lines as go-plugin reads them from a plugin's stderr: one JSON object a line, in hclog's form.

Terraform filters and prints them according to TF_LOG and TF_LOG_PROVIDER. Lines below the level that the user asked
for are not even built. No secret may be passed here: fields are written as they are.
"""

from __future__ import annotations

import os
import sys
import time
from io import TextIOBase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: Final = {"TRACE": 10, "DEBUG": 20, "INFO": 30, "WARN": 40, "ERROR": 50, "OFF": 60}

_STDERR: Final = 2


class Log:
    """Writes hclog lines at or above a level.

    Args:
        module: What Terraform shows before the message, such as ``provider.random``.
        level: A key of LEVELS.
        descriptor: The file descriptor that lines go to.
    """

    __slots__ = ("_descriptor", "_module", "_threshold")

    def __init__(self, module: str = "provider", level: str = "OFF", descriptor: int = _STDERR) -> None:
        self._module = module
        self._threshold = LEVELS[level]
        self._descriptor = descriptor

    def is_on(self, level: str) -> bool:
        """Whether lines of that level are written; ask before an expensive field is computed."""
        return LEVELS[level] >= self._threshold

    def named(self, name: str) -> Log:
        """The same log for a part of the provider, ``provider.<name>``."""
        made = Log(f"{self._module}.{name}", descriptor=self._descriptor)
        made._threshold = self._threshold
        return made

    def trace(self, message: str, **fields: Any) -> None:
        """Write a line at level TRACE."""
        self.write("TRACE", message, fields)

    def debug(self, message: str, **fields: Any) -> None:
        """Write a line at level DEBUG."""
        self.write("DEBUG", message, fields)

    def info(self, message: str, **fields: Any) -> None:
        """Write a line at level INFO."""
        self.write("INFO", message, fields)

    def warn(self, message: str, **fields: Any) -> None:
        """Write a line at level WARN."""
        self.write("WARN", message, fields)

    def error(self, message: str, **fields: Any) -> None:
        """Write a line at level ERROR."""
        self.write("ERROR", message, fields)

    def failure(self, message: str, error: BaseException, **fields: Any) -> None:
        """Write a line at level ERROR that says where an exception came from.

        Its kind and the source lines, but not its text: that may quote a request, and with it a secret.
        """
        if self.is_on("ERROR"):
            from traceback import format_tb  # noqa: PLC0415 - rarely needed

            frames = "".join(format_tb(error.__traceback__))
            self.write("ERROR", message, {"error": type(error).__name__, "frames": frames, **fields})

    def write(self, level: str, message: str, fields: Mapping[str, Any]) -> None:
        """Write a line at a level that is a value, a key of LEVELS."""
        if LEVELS[level] < self._threshold:
            return
        import json  # noqa: PLC0415 - 9 ms that a start without TF_LOG need not pay

        from modelarts_provider.framework.printable import printable  # noqa: PLC0415 - nothing is written before the handshake

        line = {
            "@level": level.lower(),
            "@message": printable(message),
            "@module": self._module,
            "@timestamp": _timestamp(time.time()),
        }
        try:
            text = json.dumps({**line, **_printable_fields(fields)}, default=str)
        except (RecursionError, ValueError):
            text = json.dumps({**line, "fields": "nested too deep to be written"})
        _write_all(self._descriptor, text.encode() + b"\n")


def level_from(environ: Mapping[str, str], name: str = "", default: str = "OFF") -> str:
    """The level that the user asked Terraform for; ``JSON`` and unknown words mean TRACE, as Terraform reads them.

    Args:
        environ: The environment. The first variable that is set wins, the most specific one first, as in providers
            written with HashiCorp's framework.
        name: The provider's name.
        default: The level where none is set.
    """
    for variable in (f"TF_LOG_PROVIDER_{name.upper()}", "TF_LOG_PROVIDER", "TF_LOG"):
        if word := environ.get(variable, "").strip().upper():
            return word if word in LEVELS else "TRACE"
    return default


class LineBridge(TextIOBase):
    """A text stream in place of sys.stdout or sys.stderr that turns what libraries print into log lines."""

    def __init__(self, log: Log, level: str) -> None:
        self._log = log
        self._level = level
        self._rest = ""

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str, /) -> int:
        """Log each finished line; the rest waits for its end."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._log.write(self._level, line, {})
        return len(text)


def bridge_streams(log: Log) -> None:
    """Turn what Python code prints from now on into log lines."""
    sys.stdout = LineBridge(log.named("stdout"), "DEBUG")
    sys.stderr = LineBridge(log.named("stderr"), "WARN")


def bridge_logging(log: Log) -> None:
    """Pass warnings and errors that libraries log on to this log.

    Only these: HTTP libraries log request headers, and thereby signatures and tokens, at their debug level.
    """
    import logging  # noqa: PLC0415 - not before the handshake

    class Bridge(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            level = "ERROR" if record.levelno >= logging.ERROR else "WARN"
            log.named(record.name).write(level, self.format(record), {})

    root = logging.getLogger()
    root.handlers = [Bridge()]
    root.setLevel(logging.WARNING)


def _printable_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields whose texts hold nothing that a terminal obeys: Terraform prints them as they are."""
    from modelarts_provider.framework.printable import printable  # noqa: PLC0415 - as in Log.write

    def cleaned(value: Any) -> Any:
        if isinstance(value, dict):
            return {printable(str(key)): cleaned(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [cleaned(item) for item in value]
        return value if value is None or isinstance(value, bool | int | float) else printable(str(value))

    frames = {name: printable(str(fields[name]), keep="\n") for name in ("frames",) if name in fields}
    return {**cleaned(dict(fields)), **frames}


def _timestamp(seconds: float) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1_000_000):06d}Z"


def _write_all(descriptor: int, data: bytes) -> None:
    """Write everything; a reader that is gone (Terraform was killed) must not stop an update from restoring."""
    while data:
        try:
            written = os.write(descriptor, data)
        except OSError:
            return
        data = data[written:]
