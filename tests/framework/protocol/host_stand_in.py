"""A stand-in for a Terraform that is about to be killed: starts the stub provider, reports it, and waits.

Run as a script. With the argument ``shell`` a shell sits between it and the provider, as launchers may have it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

stub = str(Path(__file__).with_name("stub_provider.py"))
command = [sys.executable, stub]
if "shell" in sys.argv:
    command = ["/bin/sh", "-c", '"$0" "$1"; exit $?', *command]
provider = subprocess.Popen(command, stdout=subprocess.PIPE)
line = provider.stdout.readline().decode()
print(json.dumps({"pid": provider.pid, "line": line}), flush=True)
time.sleep(3600)
