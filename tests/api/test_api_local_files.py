"""Files that settings name, whatever they are: read within a bound, or refused in a sentence; never waited for."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.api.auth.credential_files import FileLogin, read_sdk_credentials, read_shared_config
from modelarts_provider.api.auth.sources import Oidc
from modelarts_provider.api.errors import ApiError, ConnectionFailed, NoCredentials
from modelarts_provider.api.http.tls import verify
from modelarts_provider.api.local_files import MOST_BYTES, UnreadableFile, is_file, read_text

KEY = {"name": "default", "accessKeyId": "AK", "secretAccessKey": "hidden-sk"}


def id_token(path: str) -> Any:
    return Oidc(None, "idp", id_token_file=path)._id_token()  # type: ignore[arg-type]  # nothing is called


READERS: dict[str, Callable[[str], Any]] = {
    "KooCLI's file": read_shared_config,
    "the SDK's file": read_sdk_credentials,
    "the id token": id_token,
    "the authorities": lambda path: verify(cacert_file=path),
}
EACH = pytest.mark.parametrize("read", READERS.values(), ids=list(READERS))


def refused(read: Callable[[str], Any], path: str) -> str:
    with pytest.raises(NoCredentials if read is not READERS["the authorities"] else ConnectionFailed) as raised:
        read(path)
    assert raised.value.next_step
    assert "\n" not in str(raised.value)
    assert "Errno" not in str(raised.value)
    return str(raised.value)


def outcome(read: Callable[[str], FileLogin], file: Path) -> FileLogin | ApiError:
    try:
        return read(str(file))
    except ApiError as error:
        return error


@EACH
def test_a_pipe_that_nobody_writes_to(tmp_path: Path, read: Callable[[str], Any]) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is a named pipe" in refused(read, str(tmp_path / "pipe"))


@EACH
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_a_device(read: Callable[[str], Any], device: str) -> None:
    assert "it is a device" in refused(read, device)


@EACH
def test_a_link_to_a_device(tmp_path: Path, read: Callable[[str], Any]) -> None:
    (tmp_path / "link").symlink_to("/dev/zero")
    assert "it is a device" in refused(read, str(tmp_path / "link"))


@EACH
def test_a_link_to_itself(tmp_path: Path, read: Callable[[str], Any]) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "link")
    assert "symbolic links" in refused(read, str(tmp_path / "link"))


@EACH
def test_a_folder(tmp_path: Path, read: Callable[[str], Any]) -> None:
    assert "it is a folder" in refused(read, str(tmp_path))


@EACH
def test_a_socket(tmp_path: Path, read: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        refused(read, str(tmp_path / "s"))


@EACH
def test_a_file_of_a_gigabyte(tmp_path: Path, read: Callable[[str], Any]) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1024**3)
    assert "it is larger than" in refused(read, str(tmp_path / "large"))


@EACH
@pytest.mark.parametrize(
    "path", ["~nobody-of-this-name/file", "/nowhere/file", "a\0b", "x" * 5000, "", "/etc/passwd/x"]
)
def test_a_path_to_nothing(read: Callable[[str], Any], path: str) -> None:
    if path == "" and read is READERS["the authorities"]:
        assert read(path) is True  # not set
        return
    assert len(refused(read, path)) < 500


@EACH
def test_an_odd_path_is_shown_in_one_line(tmp_path: Path, read: Callable[[str], Any]) -> None:
    said = refused(read, f"{tmp_path}/a\n\x1b[31m{os.fsdecode(bytes([255]))}")
    assert said.isprintable()


@EACH
def test_a_file_that_may_not_be_read(
    tmp_path: Path, read: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the refusal is made by hand."""
    (tmp_path / "file").touch()

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("modelarts_provider.api.local_files.os.open", refuse)
    assert "can't be read: Permission denied" in refused(read, str(tmp_path / "file"))


@pytest.mark.parametrize("name", ["KooCLI's file", "the SDK's file", "the id token"])
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", "ü".encode("latin-1"), b"\x80" * 100])
def test_no_text_in_utf_8(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert "it is not text in UTF-8" in refused(READERS[name], str(tmp_path / "file"))


def test_the_largest_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbf" + b"x" * (MOST_BYTES - 3))
    assert len(read_text(str(tmp_path / "file"))) == MOST_BYTES - 3
    (tmp_path / "file").write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(UnreadableFile, match="larger than 1 MB"):
        read_text(str(tmp_path / "file"))


def test_a_file_without_a_size_is_read() -> None:
    assert "Name" in read_text("/proc/self/status")


@pytest.mark.parametrize("path", ["~nobody-of-this-name/x", "a\0b", "/nowhere", "/dev/zero", "/"])
def test_what_is_no_file(path: str) -> None:
    assert not is_file(path)


def test_a_folder_that_may_not_be_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    assert not is_file("~/.huaweicloud/credentials")


ODD: list[Any] = [None, 5, -1.5, True, "", "x", [], {}, [1], {"a": 1}, [[]], [None], "\x00", "\ud800", 10**400]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(
    "place",
    ["", "current", "profiles", "profiles.0", "authEncrypt"]
    + [f"profiles.0.{name}" for name in ("name", "mode", "accessKeyId", "secretAccessKey", "securityToken", "region", "projectId",
       "domainId", "agencyName", "agencyDomainName", "agencyDomainId", "ssoAuth")]
    + ["profiles.0.ssoAuth.stsToken", "profiles.0.ssoAuth.stsToken.accessKeyId"],
)  # fmt: skip
def test_odd_content_at_any_place(tmp_path: Path, place: str, value: Any) -> None:
    mode = "SSO" if "sso" in place else "AKSK"
    document: Any = {"current": "default", "profiles": [{**KEY, "mode": mode, "ssoAuth": {"stsToken": {**KEY}}}]}
    *above, last = place.split(".")
    target = document
    for step in above:
        target = target[int(step) if step.isdigit() else step]
    if place:
        target[int(last) if last.isdigit() else last] = value
    (tmp_path / "config.json").write_text(json.dumps(document if place else value))
    found = outcome(read_shared_config, tmp_path / "config.json")
    said = found.origin if isinstance(found, FileLogin) else str(found)
    assert said.isprintable()
    assert len(said) < 1000
    assert "hidden" not in said


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"profiles": ' + "[" * 900 + "]" * 900 + "}",
        '{"profiles": ' + "9" * 5000 + "}",
        "NaN",
        '"x"',
    ],
    ids=["lists", "objects", "levels", "digits", "NaN", "text"],
)
def test_nesting_and_numbers_without_end(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    said = refused(read_shared_config, str(tmp_path / "config.json"))
    assert len(said) < 500


def test_many_profiles_are_not_all_named(tmp_path: Path) -> None:
    profiles = [{"name": f"p{number:04}"} for number in range(1000)]
    (tmp_path / "config.json").write_text(json.dumps({"profiles": [*profiles, {"name": "\x1b]0;x\x07" * 1000}]}))
    said = refused(read_shared_config, str(tmp_path / "config.json"))
    assert "p0000, p0001" in said
    assert "more)" in said
    assert len(said) < 1000


def test_a_value_that_no_header_can_hold_is_named_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"profiles": [{**KEY, "securityToken": "hidden\nhidden"}]}))
    said = refused(read_shared_config, str(tmp_path / "config.json"))
    assert "securityToken" in said
    assert "hidden" not in said


@given(st.text() | st.text("[]basickd=:;# \n\t%(){}\x00").map(lambda text: f"[basic]\n{text}"))
def test_any_text_as_the_sdk_s_file(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "sdk"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert isinstance(outcome(read_sdk_credentials, file), FileLogin | NoCredentials)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "holds no certificate"),
        ("hello", "holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", "holds no certificate"),
        ("-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n", "holds no certificate"),
        ("\xff\xfe", "holds no certificate"),
    ],
)
def test_a_file_without_a_certificate(tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(content.encode("latin-1"))
    said = refused(READERS["the authorities"], str(file))
    assert said.startswith("the certificate authorities of cacert_file can't be used: ")
    assert (why in said, str(file) in said) == (True, True)


@pytest.mark.parametrize("text", ["-----BEGIN", "-----BEGIN CERTIFICATE-----\nüü\0\n-----END CERTIFICATE-----"])
def test_text_without_a_certificate(text: str) -> None:
    said = refused(READERS["the authorities"], text)
    assert "the text of cacert_file holds no certificate" in said
    assert "BEGIN" not in said
