"""A self-signed P-256 certificate for one start of the plugin, in pure Python.

Terraform pins this very certificate, so all that matters is that the private key never leaves the process. Importing a
cryptography package costs ten times what the arithmetic below does (measured: 65 ms against about 5).
Timing side channels do not matter: each key signs once, its own certificate, before anyone can talk to the process.
"""

from __future__ import annotations

import os
from binascii import b2a_base64
from hashlib import sha256
from time import gmtime, strftime, time

# The curve P-256 of FIPS 186-4, D.1.2.3: prime field, group order, and base point; the curve's coefficient a is -3.
_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
_GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5

_DAY = 86_400
_VALID_DAYS = 10_958  # 30 years, as long as go-plugin's own certificates

_INTEGER, _BITS, _OCTETS, _UTF8, _UTC_TIME, _TIME = 0x02, 0x03, 0x04, 0x0C, 0x17, 0x18
_SEQUENCE, _SET = 0x30, 0x31
_UTC_TIME_UNTIL = "2050"  # RFC 5280, 4.1.2.5: two-digit years before, four-digit years from then on

_EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
_CURVE_P256 = bytes.fromhex("06082a8648ce3d030107")
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("0603550403")

# Extensions, each with its DER value: basic constraints (critical, CA: the certificate is its own root), key usage
# (critical: digital signature, key agreement, certificate signing), extended key usage (server and client
# authentication), and the one name that Terraform checks, localhost.
_EXTENSIONS = (
    bytes.fromhex("300f0603551d130101ff040530030101ff"),
    bytes.fromhex("300e0603551d0f0101ff04040302028c"),
    bytes.fromhex("301d0603551d250416301406082b0601050507030106082b06010505070302"),
    bytes.fromhex("30140603551d11040d300b8209") + b"localhost",
)

_Point = tuple[int, int, int]


class Certificate:
    """A certificate and its private key.

    Attributes:
        der: The certificate in DER, as the handshake line announces it.
        pem: Certificate and private key in PEM, as ``ssl.SSLContext.load_cert_chain`` reads them.
    """

    __slots__ = ("der", "pem")

    def __init__(self, der: bytes, pem: bytes) -> None:
        self.der = der
        self.pem = pem


def make_certificate() -> Certificate:
    """Make a key pair and a certificate for ``localhost``, valid from a day ago and for 30 years."""
    private, nonce = _random_scalar(), _random_scalar()
    public, commitment = _multiples_of_base(private, nonce)
    point = b"\x04" + public[0].to_bytes(32, "big") + public[1].to_bytes(32, "big")
    body = _to_be_signed(point)
    digest = int.from_bytes(sha256(body).digest(), "big")
    r = commitment[0] % _N
    s = pow(nonce, -1, _N) * (digest + r * private) % _N
    signature = _der(_SEQUENCE, _integer(r), _integer(s))
    der = _der(_SEQUENCE, body, _ECDSA_SHA256, _der(_BITS, b"\0", signature))
    key = _der(
        _SEQUENCE,  # RFC 5915
        _integer(1),
        _der(_OCTETS, private.to_bytes(32, "big")),
        _der(0xA0, _CURVE_P256),
        _der(0xA1, _der(_BITS, b"\0", point)),
    )
    return Certificate(der, _pem(b"CERTIFICATE", der) + _pem(b"EC PRIVATE KEY", key))


def _to_be_signed(point: bytes) -> bytes:
    now = time()
    name = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _COMMON_NAME, _der(_UTF8, b"localhost"))))
    return _der(
        _SEQUENCE,
        _der(0xA0, _integer(2)),  # X.509 version 3
        _integer(int.from_bytes(os.urandom(16), "big") | 1),
        _ECDSA_SHA256,
        name,
        _der(_SEQUENCE, _moment(now - _DAY), _moment(now + _VALID_DAYS * _DAY)),
        name,
        _der(_SEQUENCE, _der(_SEQUENCE, _EC_PUBLIC_KEY, _CURVE_P256), _der(_BITS, b"\0", point)),
        _der(0xA3, _der(_SEQUENCE, *_EXTENSIONS)),
    )


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:  # noqa: PLR2004 - DER: shorter contents have a one-byte length
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _moment(seconds: float) -> bytes:
    text = strftime("%Y%m%d%H%M%SZ", gmtime(seconds))
    return _der(_UTC_TIME, text[2:].encode()) if text < _UTC_TIME_UNTIL else _der(_TIME, text.encode())


def _pem(label: bytes, der: bytes) -> bytes:
    lines = b"".join(b2a_base64(der[start : start + 48]) for start in range(0, len(der), 48))  # 64 characters each
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label, lines, label)


def _random_scalar() -> int:
    # 64 bits more than the order has make the bias of the remainder negligible (FIPS 186-4, B.4.1).
    return int.from_bytes(os.urandom(40), "big") % (_N - 1) + 1


def _multiples_of_base(*scalars: int) -> list[tuple[int, int]]:
    """Multiply the base point by each scalar; the doublings, more than half of the work, are shared.

    Scalars are read as non-adjacent form (digits -1, 0, 1), of which two thirds are zero.
    """
    left = list(scalars)
    sums: list[_Point] = [(0, 1, 0)] * len(left)
    power: _Point = (_GX, _GY, 1)
    while any(left):
        for index, scalar in enumerate(left):
            digit = 2 - (scalar & 3) if scalar & 1 else 0
            if digit:
                sums[index] = _add(sums[index], power if digit > 0 else (power[0], _P - power[1], power[2]))
            left[index] = (scalar - digit) >> 1
        power = _double(power)
    return [_affine(point) for point in sums]


def _affine(point: _Point) -> tuple[int, int]:
    x, y, z = point
    inverse = pow(z, -1, _P)
    square = inverse * inverse % _P
    return x * square % _P, y * square * inverse % _P


def _double(point: _Point) -> _Point:
    """Twice a point in Jacobian coordinates, for a = -3 (EFD, dbl-2001-b)."""
    x, y, z = point
    delta = z * z % _P
    gamma = y * y % _P
    beta = x * gamma % _P
    alpha = 3 * (x - delta) * (x + delta) % _P
    new_x = (alpha * alpha - 8 * beta) % _P
    return new_x, (alpha * (4 * beta - new_x) - 8 * gamma * gamma) % _P, 2 * y * z % _P


def _add(left: _Point, right: _Point) -> _Point:
    """The sum of two different points in Jacobian coordinates (EFD, add-1998-cmo-2).

    The two are never equal or opposite here: the right one is a higher power of two times the base than all that the
    left one holds, and the order of the group is above both.
    """
    x1, y1, z1 = left
    if not z1:
        return right
    x2, y2, z2 = right
    z1z1, z2z2 = z1 * z1 % _P, z2 * z2 % _P
    u1, s1 = x1 * z2z2 % _P, y1 * z2 * z2z2 % _P
    h = (x2 * z1z1 - u1) % _P
    r = (y2 * z1 * z1z1 - s1) % _P
    hh = h * h % _P
    hhh, v = h * hh % _P, u1 * hh % _P
    x3 = (r * r - hhh - 2 * v) % _P
    return x3, (r * (v - x3) - s1 * hhh) % _P, z1 * z2 * h % _P
