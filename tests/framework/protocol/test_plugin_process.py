"""The process as Terraform sees it: handshake, calls over mutual TLS, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from grpclib.client import StreamStreamMethod, UnaryStreamMethod
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError
from plugin_client import (
    PATIENCE,
    ClientCertificate,
    Handshake,
    call,
    call_raw,
    connected,
    has_ended,
    kill_quietly,
    plugin_environment,
    start_stub,
    wait_until,
)

SHUTDOWN = "/plugin.GRPCController/Shutdown"


def run_calls(plugin, client, work):
    """Connect as Terraform does and await work(channel)."""
    _, handshake = plugin

    async def main():
        async with asyncio.timeout(PATIENCE), connected(handshake.path, handshake.tls(client)) as channel:
            return await work(channel)

    return asyncio.run(main())


def test_it_answers_over_mutual_tls_and_ends_on_shutdown(plugin, client_certificate):
    process, handshake = plugin
    folder = handshake.path.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [entry.name for entry in folder.iterdir()] == [handshake.path.name]  # no key left on the disk

    async def work(channel):
        schema = await call(channel, "GetProviderSchema")
        assert schema["provider"]["version"] == 7
        with pytest.raises((GRPCError, StreamTerminatedError, ConnectionError)):
            await call_raw(channel, SHUTDOWN, b"")  # the process ends before it answers

    run_calls(plugin, client_certificate, work)
    assert process.wait(PATIENCE) == 0
    assert not folder.exists()
    assert process.stdout.read() == b""
    for line in process.stderr.read().decode().splitlines():
        assert json.loads(line)["@level"] == "debug"


@pytest.mark.parametrize("which", ["none", "another"])
def test_other_clients_are_refused(plugin, client_certificate, tmp_path, which):
    stranger = ClientCertificate.make(tmp_path, "stranger") if which == "another" else None

    async def work(channel):
        return await call(channel, "GetProviderSchema")

    with pytest.raises((OSError, StreamTerminatedError, GRPCError)) as refusal:
        run_calls(plugin, stranger, work)
    assert not isinstance(refusal.value, TimeoutError)
    assert run_calls(plugin, client_certificate, work)["provider"]["version"] == 7


def test_a_client_without_tls_is_refused(plugin, client_certificate):
    _, handshake = plugin

    async def plain():
        async with asyncio.timeout(PATIENCE), connected(handshake.path, None) as channel:
            await call(channel, "GetProviderSchema")

    with pytest.raises((OSError, StreamTerminatedError, GRPCError)):
        asyncio.run(plain())
    with socket.socket(socket.AF_UNIX) as garbage:
        garbage.connect(str(handshake.path))
        garbage.sendall(os.urandom(4096))

    async def work(channel):
        return await call(channel, "GetProviderSchema")

    assert run_calls(plugin, client_certificate, work)["provider"]["version"] == 7


def test_without_a_client_certificate_terraform_expects_plain_text(notes):
    with start_stub(plugin_environment(notes, None)) as process:
        line = process.stdout.readline()
        assert line.endswith(b"|grpc|\n")

        async def main():
            async with asyncio.timeout(PATIENCE), connected(Handshake.parse(line).path, None) as channel:
                return await call(channel, "GetProviderSchema")

        try:
            assert asyncio.run(main())["provider"]["version"] == 7
        finally:
            process.terminate()
        assert process.wait(PATIENCE) == 0


def test_ten_calls_run_at_once(plugin, client_certificate):
    async def work(channel):
        calls = [call(channel, "ReadResource", type_name="10") for _ in range(10)]
        assert len(await asyncio.gather(*calls)) == 10

    run_calls(plugin, client_certificate, work)


def test_large_messages_pass_both_ways(plugin, client_certificate):
    large = os.urandom(5_000_000)

    async def work(channel):
        answers = await asyncio.gather(*(call(channel, "PlanResourceChange", prior_private=large) for _ in range(3)))
        assert [answer["planned_private"] == large for answer in answers] == [True] * 3

    run_calls(plugin, client_certificate, work)


@pytest.mark.parametrize(
    ("path", "request_hex", "expected"),
    [
        ("/tfplugin6.Provider/OpenEphemeralResource", "", (Status.UNIMPLEMENTED, "OpenEphemeralResource")),
        ("/tfplugin6.Provider/", "", (Status.UNIMPLEMENTED, "not implemented")),
        ("/tfplugin5.Provider/GetSchema", "", (Status.UNIMPLEMENTED, "GetSchema")),
        ("/tfplugin6.Provider/PlanResourceChange", "0aff", (Status.INVALID_ARGUMENT, "PlanResourceChange")),
        ("/tfplugin6.Provider/GetFunctions", "", (Status.INVALID_ARGUMENT, "a field is wrong")),
        ("/tfplugin6.Provider/ConfigureProvider", b"\x0a\x0cfail: secret".hex(), (Status.INTERNAL, "LookupError")),
        ("/tfplugin6.Provider/ConfigureProvider", "0a0663616e63656c", (Status.INTERNAL, "cancelled")),
        ("/grpc.health.v1.Health/Check", "0a03666f6f", (Status.NOT_FOUND, "foo")),
        ("/grpc.health.v1.Health/Check", "0aff", (Status.INVALID_ARGUMENT, "truncated")),
    ],
)
def test_a_call_that_fails_is_a_status_and_the_process_lives(plugin, client_certificate, path, request_hex, expected):
    status, message = expected

    async def work(channel):
        with pytest.raises(GRPCError) as failure:
            await call_raw(channel, path, bytes.fromhex(request_hex))
        assert (failure.value.status, message in failure.value.message) == (status, True)
        assert "secret" not in failure.value.message
        await call(channel, "GetProviderSchema")

    run_calls(plugin, client_certificate, work)
    process, _ = plugin
    process.terminate()
    assert b"secret" not in process.stderr.read()


def test_health_stdio_and_broker_are_there(plugin, client_certificate):
    async def work(channel):
        assert await call_raw(channel, "/grpc.health.v1.Health/Check", b"\x0a\x06plugin") == b"\x08\x01"
        stdio = UnaryStreamMethod(channel, "/plugin.GRPCStdio/StreamStdio", bytes, bytes)
        broker = StreamStreamMethod(channel, "/plugin.GRPCBroker/StartStream", bytes, bytes)
        async with stdio.open() as output, broker.open() as knocks:
            await output.send_message(b"", end=True)
            await knocks.send_request()
            await asyncio.gather(output.recv_initial_metadata(), knocks.recv_initial_metadata())
            await call(channel, "GetProviderSchema")
            await asyncio.gather(output.cancel(), knocks.cancel())
        await call(channel, "GetProviderSchema")

    run_calls(plugin, client_certificate, work)


def test_what_libraries_print_is_log_and_never_protocol(plugin, client_certificate):
    run_calls(plugin, client_certificate, lambda channel: call(channel, "ConfigureProvider", terraform_version="print"))
    process, _ = plugin
    process.terminate()
    assert process.stdout.read() == b""
    lines = process.stderr.read().decode().splitlines()
    assert "written to descriptor 1" in lines
    printed = [json.loads(line) for line in lines if line.startswith("{")]
    assert ("debug", "printed by a library") in {(line["@level"], line["@message"]) for line in printed}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"TF_PLUGIN_MAGIC_COOKIE": None}, "started by Terraform itself"),
        ({"TF_PLUGIN_MAGIC_COOKIE": "wrong"}, "started by Terraform itself"),
        ({"PLUGIN_PROTOCOL_VERSIONS": "4,5"}, "offers plugin protocol 4,5"),
        ({"PLUGIN_PROTOCOL_VERSIONS": None}, "offers plugin protocol (none)"),
        ({"PLUGIN_PROTOCOL_VERSIONS": "16,60"}, "offers plugin protocol 16,60"),
    ],
)
def test_a_wrong_start_says_why_and_leaves_nothing(notes, client_certificate, tmp_path, change, message):
    environment = plugin_environment(notes, client_certificate.pem, TMPDIR=str(tmp_path)) | change
    with start_stub({name: value for name, value in environment.items() if value is not None}) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (1, b"")
    assert message in err.decode()
    assert len(err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PLUGIN_CLIENT_CERT": "not a certificate"}, "PLUGIN_CLIENT_CERT holds no certificate"),
        ({"STUB_BROKEN": "1"}, "the provider cannot be imported"),
    ],
)
def test_a_start_that_fails_after_the_handshake_says_why_and_leaves_nothing(notes, client_certificate, change, message):
    with start_stub(plugin_environment(notes, client_certificate.pem) | change) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert message in err.decode()
    assert not Handshake.parse(out).path.parent.exists()


def test_interrupts_are_left_to_terraform(plugin, client_certificate):
    process, _ = plugin
    for number in (signal.SIGINT, signal.SIGHUP):
        process.send_signal(number)
    run_calls(plugin, client_certificate, lambda channel: call(channel, "GetProviderSchema"))
    assert process.poll() is None


def test_sigterm_ends_an_idle_plugin(plugin):
    process, handshake = plugin
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert not handshake.path.parent.exists()


@pytest.mark.parametrize("ending", ["SIGTERM", "Shutdown"])
def test_a_running_update_restores_before_the_end(plugin, client_certificate, notes, ending):
    process, handshake = plugin

    async def work(channel):
        update = asyncio.ensure_future(call(channel, "ApplyResourceChange"))
        await asyncio.to_thread(wait_until, lambda: "applying" in notes.read_text(), "the update runs")
        if ending == "SIGTERM":
            process.terminate()
            assert (await update)["private"] == b"restored" * 500_000  # takes more than one write
        else:
            with pytest.raises((GRPCError, StreamTerminatedError, ConnectionError)):
                await call_raw(channel, SHUTDOWN, b"")
            assert (await update)["private"] == b"restored" * 500_000  # takes more than one write

    run_calls(plugin, client_certificate, work)
    assert process.wait(PATIENCE) == 0
    assert notes.read_text().splitlines()[1:] == ["applying", "stop", "restored"]
    assert not handshake.path.parent.exists()


def test_a_call_whose_connection_is_lost_goes_on(plugin, client_certificate, notes):
    async def start_and_leave(channel):
        update = asyncio.ensure_future(call(channel, "ApplyResourceChange"))
        await asyncio.to_thread(wait_until, lambda: "applying" in notes.read_text(), "the update runs")
        channel.close()
        with pytest.raises((GRPCError, StreamTerminatedError, ConnectionError)):
            await update

    run_calls(plugin, client_certificate, start_and_leave)
    run_calls(plugin, client_certificate, lambda channel: call(channel, "StopProvider"))
    wait_until(lambda: "restored" in notes.read_text(), "the update ends")


@contextmanager
def hosted(notes, client, *arguments):
    """A stub provider below a process that can be killed: (host, provider's process id, handshake)."""
    script = Path(__file__).with_name("host_stand_in.py")
    environment = plugin_environment(notes, client.pem)
    with subprocess.Popen([sys.executable, str(script), *arguments], env=environment, stdout=subprocess.PIPE) as host:
        report = json.loads(host.stdout.readline())
        try:
            yield host, report["pid"], Handshake.parse(report["line"].encode())
        finally:
            kill_quietly(host.pid)
            kill_quietly(report["pid"])
            shutil.rmtree(Path(report["line"].split("|")[3]).parent, ignore_errors=True)


@pytest.mark.parametrize("connects", [True, False])
@pytest.mark.parametrize("arguments", [(), ("shell",)])
def test_it_ends_when_terraform_is_killed(notes, client_certificate, arguments, connects):
    with hosted(notes, client_certificate, *arguments) as (host, pid, handshake):
        if connects:
            run_calls((host, handshake), client_certificate, lambda channel: call(channel, "GetProviderSchema"))
        host.kill()
        wait_until(lambda: not handshake.path.parent.exists(), "the folder is removed")
        wait_until(lambda: has_ended(pid), "the provider ends")


def test_it_stays_for_whoever_is_still_connected_and_then_restores(notes, client_certificate):
    with hosted(notes, client_certificate) as (host, pid, handshake):

        async def work(channel):
            update = asyncio.ensure_future(call(channel, "ApplyResourceChange"))
            await asyncio.to_thread(wait_until, lambda: "applying" in notes.read_text(), "the update runs")
            host.kill()
            await asyncio.to_thread(host.wait)
            for _ in range(6):  # longer than the watch needs to notice
                await asyncio.sleep(0.5)
                await call(channel, "GetProviderSchema")
            channel.close()
            with pytest.raises((GRPCError, StreamTerminatedError, ConnectionError)):
                await update

        run_calls((host, handshake), client_certificate, work)
        wait_until(lambda: has_ended(pid), "the provider ends")
        assert notes.read_text().splitlines()[1:] == ["applying", "stop", "restored"]
        assert not handshake.path.parent.exists()
