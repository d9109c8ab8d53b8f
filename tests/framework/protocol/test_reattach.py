"""Servers for TF_REATTACH_PROVIDERS, driven by an independent gRPC client."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from plugin_client import PATIENCE, plugin_environment, start_stub
from stub_provider import Stub, make_dispatch

from modelarts_provider import SOURCE
from modelarts_provider.framework.protocol.codec import decode, encode
from modelarts_provider.framework.protocol.reattach import reattachable, reattachable_thread


@pytest.fixture
def value(notes, monkeypatch):
    monkeypatch.setenv("STUB_NOTES", str(notes))
    with reattachable_thread(make_dispatch, "example.com/a/b") as made:
        yield json.loads(made)


def socket_of(value) -> str:
    (entry,) = value.values()
    return entry["Addr"]["String"]


@pytest.fixture
def channel(value):
    limits = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(f"unix:{socket_of(value)}", options=limits) as made:
        yield made


def ask(channel, method: str, request: bytes = b"", service: str = "tfplugin6.Provider") -> bytes:
    return channel.unary_unary(f"/{service}/{method}")(request, timeout=PATIENCE)


def test_the_value_is_what_terraform_reads(value):
    assert value == {
        "example.com/a/b": {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": socket_of(value)},
        }
    }


def test_an_independent_client_is_answered(channel):
    assert decode("GetProviderSchema.Response", ask(channel, "GetProviderSchema"))["provider"]["version"] == 7
    large = os.urandom(5_000_000)
    request = encode("PlanResourceChange.Request", {"prior_private": large})
    response = decode("PlanResourceChange.Response", ask(channel, "PlanResourceChange", request))
    assert response["planned_private"] == large


def test_an_independent_client_understands_statuses(channel):
    with pytest.raises(grpc.RpcError) as failure:
        ask(channel, "MoveResourceState")
    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert failure.value.details() == "MoveResourceState is not implemented by this provider"
    with pytest.raises(grpc.RpcError) as failure:
        ask(channel, "PlanResourceChange", b"\xff")
    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_compressed_requests_are_refused_not_misread(channel):
    request = encode("PlanResourceChange.Request", {"prior_private": b"a" * 100_000})
    with pytest.raises(grpc.RpcError) as failure:
        channel.unary_unary("/tfplugin6.Provider/PlanResourceChange")(request, compression=grpc.Compression.Gzip)
    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_calls_overlap(channel):
    request = encode("ReadResource.Request", {"type_name": "10"})
    with ThreadPoolExecutor(10) as pool:
        answers = [pool.submit(ask, channel, "ReadResource", request) for _ in range(10)]
        assert [answer.result() for answer in answers] == [b""] * 10


def test_it_serves_one_terraform_after_another_and_ignores_shutdown(value):
    for _ in range(3):
        with grpc.insecure_channel(f"unix:{socket_of(value)}") as channel:
            ask(channel, "GetProviderSchema")
            assert ask(channel, "Shutdown", service="plugin.GRPCController") == b""


def test_a_peer_that_speaks_no_http2_harms_nobody(value, channel):
    async def intrude(data: bytes) -> None:
        reader, writer = await asyncio.open_unix_connection(socket_of(value))
        writer.write(data)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), PATIENCE)  # until the server hangs up
        writer.close()
        await writer.wait_closed()

    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    settings = bytes.fromhex("000000040000000000")
    headers = bytes.fromhex("000005010400000001") + b"\xff" * 5  # no valid header block
    for data in (b"", b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n", preface + b"\xff" * 99, preface + settings + headers):
        asyncio.run(intrude(data))
    ask(channel, "GetProviderSchema")


def raw_stream(body: bytes, *, end: bool):
    """A unary call whose bytes on the wire are given, framing included."""

    async def main() -> tuple[str | None, str | None]:
        from h2.config import H2Configuration  # noqa: PLC0415 - this test alone speaks raw HTTP/2
        from h2.connection import H2Connection  # noqa: PLC0415
        from h2.events import ResponseReceived, TrailersReceived  # noqa: PLC0415

        async with reattachable(Stub().dispatch, SOURCE) as made:
            reader, writer = await asyncio.open_unix_connection(socket_of(json.loads(made)))
            http = H2Connection(H2Configuration(header_encoding="utf-8"))
            http.initiate_connection()
            http.send_headers(
                1,
                [
                    (":method", "POST"),
                    (":scheme", "http"),
                    (":path", "/tfplugin6.Provider/GetProviderSchema"),
                    (":authority", "localhost"),
                    ("content-type", "application/grpc"),
                    ("te", "trailers"),
                ],
            )
            http.send_data(1, body, end_stream=end)
            writer.write(http.data_to_send())
            found: dict[str, str] = {}
            while "grpc-status" not in found:
                data = await asyncio.wait_for(reader.read(65536), PATIENCE)
                assert data, "the server hung up"
                for event in http.receive_data(data):
                    if isinstance(event, ResponseReceived | TrailersReceived):
                        found |= dict(event.headers)
            writer.close()
            await writer.wait_closed()
            return found["grpc-status"], found.get("grpc-message")

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("body", "end", "status", "message"),
    [
        (b"\0\0\0\0\0", True, "0", None),
        (b"", True, "3", "the call ended without a request"),
        (b"\0\0", True, "3", "the request is truncated"),
        (b"\0\0\0\0\x09abc", True, "3", "the request is truncated"),
        (b"\x01\0\0\0\x01a", True, "12", "compressed messages are not supported"),
        (b"\0\x10\0\0\x01", False, "8", "the request has 268435457 bytes, and 268435456 is the most that is accepted"),
    ],
)
def test_frames_that_hold_no_message_are_statuses(body, end, status, message):
    assert raw_stream(body, end=end) == (status, message)


def test_the_socket_is_removed(notes, monkeypatch):
    monkeypatch.setenv("STUB_NOTES", str(notes))
    with reattachable_thread(make_dispatch, SOURCE) as made:
        path = socket_of(json.loads(made))
        assert "local/modelarts/modelarts" in made
        assert os.path.exists(path)  # noqa: PTH110 - a string is what Terraform gets
    assert not os.path.exists(os.path.dirname(path))  # noqa: PTH110, PTH120 - the same


def test_a_dispatch_that_cannot_be_made_is_told_at_once():
    def broken():
        raise LookupError("no such thing")

    with pytest.raises(LookupError), reattachable_thread(broken, SOURCE):
        pytest.fail("the server must not start")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_debug_prints_the_value_and_ends_on_a_signal(notes, number):
    environment = plugin_environment(notes, None)
    with start_stub({**environment, "TF_PLUGIN_MAGIC_COOKIE": ""}, "--debug") as process:
        for line in process.stdout:
            if line.startswith(b"TF_REATTACH_PROVIDERS='"):
                break
        value = json.loads(line.decode().strip().removeprefix("TF_REATTACH_PROVIDERS='").removesuffix("'"))
        assert value["local/modelarts/modelarts"]["Pid"] == process.pid
        path = socket_of(value)
        for _ in range(2):
            with grpc.insecure_channel(f"unix:{path}") as channel:
                ask(channel, "GetProviderSchema")
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == b""
    assert not os.path.exists(os.path.dirname(path))  # noqa: PTH110, PTH120 - a string is what Terraform gets
    assert notes.read_text().splitlines()[1:] == ["stop"]
