"""Measures an emulator that holds many notebooks; run it by hand: ``python tests/emulator/bench_emulator.py [COUNT]``."""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from emulator_api import CPU2, IMAGE, PROJECT, signature, stamp

PATH = f"/v1/{PROJECT}/notebooks"
BODY = {"name": "n", "flavor": CPU2, "image_id": IMAGE, "volume": {"category": "EVS", "ownership": "MANAGED"}}


class Client:
    """One keep-alive connection that signs its requests."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=60)

    def call(self, method: str, path: str, query: str = "", body: Any = None) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {"x-sdk-date": stamp(time.time_ns() // 1_000_000)}
        value = signature("emulator-secret-key", method, path, query, headers=headers, signed=["x-sdk-date"], body=raw)
        headers["authorization"] = (
            f"SDK-HMAC-SHA256 Access=emulator-access-key, SignedHeaders=x-sdk-date, Signature={value}"
        )
        self._connection.request(method, path + (f"?{query}" if query else ""), raw, headers)
        answer = self._connection.getresponse()
        data = json.loads(answer.read())
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(data)
        return data

    def close(self) -> None:
        self._connection.close()


def _memory_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _timed(client: Client, times: int, *call: Any) -> list[float]:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        client.call(*call)
        found.append((time.perf_counter() - begin) * 1000)
    return found


def _rate(address: str, ident: str, seconds: float, connections: int) -> float:
    counts = [0] * connections
    until = time.perf_counter() + seconds

    def work(index: int) -> None:
        client = Client(address)
        while time.perf_counter() < until:
            client.call("GET", f"{PATH}/{ident}")
            counts[index] += 1
        client.close()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def main(count: int) -> None:
    command = [sys.executable, "-m", "modelarts_emulator", "serve", "--time-scale", "0", "--quota", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().split("//")[1].strip()
    client = Client(address)
    try:
        print(f"| empty: memory | {_memory_mb(process.pid):.0f} MB |")
        begin = time.perf_counter()
        ident = [client.call("POST", PATH, "", BODY)["id"] for _ in range(count)][-1]
        print(f"| {count} creates, one connection | {count / (time.perf_counter() - begin):.0f}/s |")
        print(f"| {count} notebooks: memory | {_memory_mb(process.pid):.0f} MB |")
        for title, query in {
            "first page of 50": "limit=50",
            "last page of 50": f"limit=50&offset={count - 50}",
            "page of 50 sorted by name": "limit=50&sort_key=name",
            "page of 50 by name and status": "limit=50&name=n&status=RUNNING",
        }.items():
            times = _timed(client, 30, "GET", PATH, query)
            print(f"| {title} | median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms |")
        times = _timed(client, 200, "GET", f"{PATH}/{ident}")
        print(f"| show one | median {statistics.median(times):.1f} ms |")
        print(f"| show, 4 connections (client and server share the machine) | {_rate(address, ident, 3, 4):.0f}/s |")
    finally:
        client.close()
        process.terminate()
        process.communicate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
