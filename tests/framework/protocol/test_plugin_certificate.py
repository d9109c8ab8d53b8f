"""The certificate of pure Python, read by a cryptography package and used by OpenSSL."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from modelarts_provider.framework.protocol.certificate import _multiples_of_base, make_certificate

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.mark.parametrize("scalar", [1, 2, 3, 4, 7, 2**255, 2**256 - 2**224, ORDER // 2, ORDER - 2, ORDER - 1])
def test_multiplication_agrees_with_openssl(scalar):
    numbers = ec.derive_private_key(scalar % ORDER, ec.SECP256R1()).public_key().public_numbers()
    assert _multiples_of_base(scalar % ORDER, 5)[0] == (numbers.x, numbers.y)


@pytest.mark.parametrize("_run", range(20))
def test_it_is_a_valid_self_signed_certificate_for_localhost(_run):
    made = make_certificate()
    read = x509.load_der_x509_certificate(made.der)
    assert x509.load_pem_x509_certificate(made.pem) == read
    read.verify_directly_issued_by(read)
    key = serialization.load_pem_private_key(made.pem[made.pem.index(b"-----BEGIN EC") :], password=None)
    assert key.public_key() == read.public_key()
    assert isinstance(read.public_key().curve, ec.SECP256R1)
    assert isinstance(read.signature_hash_algorithm, hashes.SHA256)
    assert read.version is x509.Version.v3
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    uses = read.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert ExtendedKeyUsageOID.SERVER_AUTH in uses
    now = dt.datetime.now(dt.UTC)
    assert now - dt.timedelta(days=2) < read.not_valid_before_utc < now - dt.timedelta(hours=23)
    assert dt.timedelta(days=29 * 365) < read.not_valid_after_utc - now < dt.timedelta(days=31 * 365)
    assert 0 < read.serial_number < 1 << 128
    assert all(len(line) <= 64 for line in made.pem.splitlines())


def test_two_starts_share_nothing():
    first, second = (x509.load_der_x509_certificate(make_certificate().der) for _ in range(2))
    assert first.serial_number != second.serial_number
    assert first.public_key() != second.public_key()


def test_a_tls_client_that_pins_it_accepts_it(tmp_path):
    made = make_certificate()
    (tmp_path / "pair.pem").write_bytes(made.pem)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(tmp_path / "pair.pem")
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.load_verify_locations(cadata=made.der)
    ours, theirs = socket.socketpair()

    def accept():
        with server_context.wrap_socket(ours, server_side=True) as stream:
            stream.sendall(b"hello")

    thread = threading.Thread(target=accept)
    thread.start()
    with client_context.wrap_socket(theirs, server_hostname="localhost") as stream:
        assert stream.recv(5) == b"hello"
        assert stream.getpeercert(binary_form=True) == made.der
    thread.join()
