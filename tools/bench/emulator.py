"""Measures an emulator that holds many notebooks: pages of the list, single answers, memory."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modelarts_emulator.config import DEFAULT_ACCESS_KEY, DEFAULT_PROJECT_ID, DEFAULT_SECRET_KEY
from modelarts_emulator.http.request_examples import BODIES
from modelarts_emulator.identity.signing import Message, signed_headers
from tools.bench import budgets
from tools.bench.figures import Figures, Row
from tools.bench.processes import memory_now
from tools.echo import CannotGoOnError
from tools.layout import VENV

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.bench.environment import Environment

NOTEBOOKS = 10_000
_PATH = f"/v1/{DEFAULT_PROJECT_ID}/notebooks"
_MS, _MB = 1000.0, 1e-6
_REPEATS = 5  # a page takes milliseconds: more of them than of whole commands
_CALLS = 200
_CONNECTIONS = 4


def emulator(environment: Environment, count: int = NOTEBOOKS) -> Iterator[Row]:
    """Yields the rows of an emulator of its own, in a process of its own.

    Args:
        environment: Says how often.
        count: How many notebooks it holds; the names of the rows say 10,000 of them.
    """
    with _started() as (process, address):
        client = Client(address)
        made = [client.call("POST", "", BODIES["CreateNotebookRequest"])["id"] for _ in range(count)]
        pages = {
            budgets.EMULATOR_PAGE: "?limit=50",
            "emulator, last page of 50 of 10,000": f"?limit=50&offset={count - 50}",
            "emulator, page of 50 by name": "?limit=50&name=my&sort_key=name",
        }
        for what, query in pages.items():
            yield _timed(what, client, query, environment.runs * _REPEATS)
        yield _timed("emulator, GET of one of 10,000", client, f"/{made[-1]}", environment.runs * _REPEATS)
        client.close()
        rates = [_rate(address, f"/{made[index % count]}") for index in range(environment.runs)]
        yield Row(f"emulator, GETs on {_CONNECTIONS} connections", "1/s", Figures.of(rates))
        yield Row(budgets.EMULATOR_MEMORY, "MB", Figures.of([memory_now(process.pid)], _MB))


class Client:
    """One connection that stays open and signs its requests."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=60)

    def call(self, method: str, rest: str, body: Any = None) -> Any:
        """Sends one request and returns its parsed answer.

        Args:
            method: Of HTTP.
            rest: What follows `/notebooks`, with its query.
            body: JSON values, None for none.

        Raises:
            CannotGoOnError: It was refused.
        """
        raw = b"" if body is None else json.dumps(body).encode()
        path, _, query = (_PATH + rest).partition("?")
        message = Message(method, path.encode(), query.encode(), {}, raw)
        now = time.time_ns() // 1_000_000
        headers = signed_headers(message, DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, now)
        self._connection.request(method, _PATH + rest, raw, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise CannotGoOnError(f"the emulator refused {method} {path}, so there is nothing to measure: {text!r}")
        return json.loads(text)

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


@contextmanager
def _started() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [str(VENV / "bin" / "modelarts-emulator"), "serve", "--time-scale", "0", "--quota", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("listening on "):
            raise CannotGoOnError("the emulator did not start, so there is nothing to measure")
        yield process, line.split("//")[1].strip()
    finally:
        process.terminate()
        process.communicate()


def _timed(what: str, client: Client, rest: str, times: int) -> Row:
    client.call("GET", rest)
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        client.call("GET", rest)
        seconds.append(time.perf_counter() - begin)
    return Row(what, "ms", Figures.of(seconds, _MS))


def _rate(address: str, rest: str) -> float:
    """GETs in a second; the clients share the machine with the emulator."""

    def work() -> None:
        client = Client(address)
        for _ in range(_CALLS // _CONNECTIONS):
            client.call("GET", rest)
        client.close()

    threads = [threading.Thread(target=work) for _ in range(_CONNECTIONS)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _CALLS / (time.perf_counter() - begin)
