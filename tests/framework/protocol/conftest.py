"""Fixtures of the transport's tests."""

from __future__ import annotations

import pytest
from plugin_client import ClientCertificate, Handshake, end, plugin_environment, start_stub


@pytest.fixture(scope="session")
def client_certificate(tmp_path_factory):
    return ClientCertificate.make(tmp_path_factory.mktemp("client"), "client")


@pytest.fixture
def notes(tmp_path):
    """The file in which the stub provider writes what happens to it."""
    path = tmp_path / "notes"
    path.touch()
    return path


@pytest.fixture
def plugin(notes, client_certificate):
    """A stub provider as Terraform starts it: the process and its handshake."""
    with start_stub(plugin_environment(notes, client_certificate.pem, TF_LOG="DEBUG")) as process:
        try:
            yield process, Handshake.parse(process.stdout.readline())
        finally:
            end(process)
