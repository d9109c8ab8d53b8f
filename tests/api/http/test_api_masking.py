from __future__ import annotations

import base64
import html
import json
import re
import sys
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.api.http.masking import (
    MASK,
    MOST_TEXT,
    is_secret_name,
    mask,
    mask_text,
    mask_url,
    private_texts,
)

SECRET = "sEcReT-value-1"
SECRET_NAMES = ["token", "X-Auth-Token", "password", "adminPass", "securityToken", "security_token", "sk", "secret_key",
                "secretAccessKey", "Authorization", "id_token", "X-Subject-Token", "Set-Cookie", "credential"]  # fmt: skip
PLAIN_NAMES = [
    "name",
    "description",
    "url",
    "key_pair_names",
    "allowed_access_ips",
    "dew_secret_name",
    "task",
    "status",
]


def test_names():
    assert [name for name in SECRET_NAMES if not is_secret_name(name)] == []
    assert [name for name in PLAIN_NAMES if is_secret_name(name)] == []


leaf = st.sampled_from(PLAIN_NAMES).map(lambda name: {name: "kept"})
secret_leaf = st.sampled_from(SECRET_NAMES).flatmap(
    lambda name: st.sampled_from([SECRET, [SECRET], {"x": SECRET}]).map(lambda value: {name: value})
)
documents = st.recursive(
    leaf | secret_leaf,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PLAIN_NAMES), inner, max_size=3),
)


@given(documents)
def test_masked_at_any_depth(document):
    assert SECRET not in repr(mask(document))
    if SECRET not in repr(document):
        assert mask(document) == document


def test_masked_by_value_wherever_it_stands():
    assert mask({"name": f"a{SECRET}b", "tags": [SECRET]}, [SECRET]) == {"name": f"a{MASK}b", "tags": [MASK]}


def test_what_is_not_secret_stays():
    body = {"name": "nb", "is_need_credentials": True, "token": None, "volume": {"capacity": 5, "dew_secret_name": "s"}}
    assert mask(body) == body


def test_a_hook_s_script_is_not_shown():
    shown = mask({"hooks": {"container_hooks": {"pre_start": {"type": "COMMAND", "script": "ZXhwb3J0IFQ9MQ=="}}}})
    assert shown["hooks"]["container_hooks"]["pre_start"] == {"type": "COMMAND", "script": f"{MASK} (16 characters)"}


def test_urls():
    assert (
        mask_url(f"https://user:{SECRET}@h:1/p?token={SECRET}&limit=5") == f"https://{MASK}@h:1/p?token={MASK}&limit=5"
    )


def test_text_behind_the_name_of_a_secret():
    assert SECRET not in mask_text(f"x-security-token:{SECRET}|x-sdk-date:1, Signature={SECRET}, password: {SECRET}")
    assert SECRET not in mask_text(f'{{"password":"{SECRET}", "id_token": "{SECRET}"}} http://h/?token={SECRET}&x=1')


@pytest.mark.parametrize(
    "text",
    [
        "decrypt token fail: token expired",
        "signature expired, signature time:1,server time:2",
        "The token must be updated.",
    ],
)
def test_text_that_names_a_secret_and_holds_none(text):
    assert mask_text(text) == text


def base64_inside(secret: str, offset: int) -> str:
    """What the Base64 of a longer text has of a secret, whole but for the characters that its neighbours share."""
    raw = secret.encode()
    padding = -(offset + len(raw)) % 3
    whole = base64.b64encode(b"\0" * offset + raw + b"\0" * padding).decode()
    return whole[(0, 2, 3)[offset] : len(whole) - (0, 2, 3)[padding]]


def escaped(text: str, which: str | None, form: str) -> str:
    """The text with these characters (None: all but ASCII letters and digits) escaped."""

    def units(char: str) -> list[int]:
        pair = char.encode("utf-16-be")
        return [int.from_bytes(pair[at : at + 2]) for at in range(0, len(pair), 2)] if form[0] == "\\" else [ord(char)]

    def is_escaped(char: str) -> bool:
        return char in which if which is not None else not (char.isascii() and char.isalnum())

    return "".join("".join(map(form.format, units(c))) if is_escaped(c) else c for c in text)


FORMS = {
    "as it is": lambda s: s,
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON with slashes": lambda s: json.dumps(s)[1:-1].replace("/", r"\/"),
    "JSON, not ASCII": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda s: json.dumps(json.dumps(s)[1:-1])[1:-1],
    "JSON of Gson": lambda s: escaped(json.dumps(s)[1:-1], "'=<>&", "\\u{:04x}"),
    "JSON of .NET": lambda s: escaped(s, None, "\\u{:04X}"),
    "JSON, every character": lambda s: escaped(s, s, "\\u{:04x}"),
    "JSON of Gson in JSON": lambda s: json.dumps(escaped(json.dumps(s)[1:-1], "'=<>&", "\\u{:04x}"))[1:-1],
    "JSON thrice": lambda s: json.dumps(json.dumps(json.dumps(s)[1:-1])[1:-1])[1:-1],
    "JSON in a URL": lambda s: quote(json.dumps(s)[1:-1], safe=""),
    "HTML": html.escape,
    "HTML of Go": lambda s: html.escape(s).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    "HTML, in numbers": lambda s: escaped(s, None, "&#{};"),
    "HTML, in hexadecimal": lambda s: escaped(s, None, "&#x{:X};"),
    "HTML in HTML": lambda s: html.escape(html.escape(s)),
    "bytes of Python": lambda s: repr(s.encode())[2:-1],
    "a URL": lambda s: quote(s, safe=""),
    "a URL in lower case": lambda s: re.sub("%..", lambda found: found[0].lower(), quote(s, safe="")),
    "a path": quote,
    "a form": quote_plus,
    "a URL in a URL": lambda s: quote(quote(s, safe=""), safe=""),
    "a URL in a URL in a URL": lambda s: quote(quote(quote(s, safe=""), safe=""), safe=""),
    "every character": lambda s: "".join(f"%{byte:02X}" for byte in s.encode()),
    "every other character": lambda s: "".join(c if n % 2 else quote(c, safe="") for n, c in enumerate(s)),
    "hexadecimal": lambda s: s.encode().hex(),
    "Base64": lambda s: base64_inside(s, 0),
    "Base64 behind a user": lambda s: base64_inside(s, 1),
    "Base64 behind another user": lambda s: base64_inside(s, 2),
    "Base64 in a URL": lambda s: quote(base64_inside(s, 1), safe=""),
    "Base64 in JSON": lambda s: base64_inside(s, 2).replace("/", r"\/").replace("+", r"\u002B"),
    "Base64 for URLs": lambda s: base64_inside(s, 0).replace("+", "-").replace("/", "_"),
}
HARD = [
    "pa ss/w+rd&%<é>\"x'",
    "simple-secret",
    "a/b+c==d",
    "ünï-cödé secret",
    "100%-safe",
    "hunter2secret",
    "tok+en/va lue",
    "MIIabc+/def==",
    r"back\slash\u0041",
]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", HARD)
def test_a_secret_is_found_in_every_form(secret, form):
    written = form(secret)
    for text in (written, f"redirect to http://h/?a={written}&b=1", f"{written}{written}", f"100% of {written} + more"):
        shown = mask_text(text, [secret, "another-secret"])
        assert written not in shown
        assert MASK in shown
    assert mask_text("nothing of 100% + 5%20 here", [secret]) == "nothing of 100% + 5%20 here"


@pytest.mark.parametrize(
    "secret",
    ["пароль", "测试环境", "\N{EURO SIGN}" * 4, "\N{EURO SIGN}" * 4 + "ab", "\N{GRINNING FACE}" * 4, "ключ, a key"],
)
def test_a_secret_without_latin_letters_leaves_innocent_text_alone(secret):
    """What Latin-1 has of it may be nothing, or one letter: looking for nothing had no end."""
    innocent = "a text with ab, a key and äöü in it"
    assert mask_text(innocent, [secret]) == innocent
    assert mask_text(f"{innocent}: {secret}", [secret]) == f"{innocent}: {MASK}"


def test_a_secret_that_was_read_in_the_wrong_encoding_is_found():
    secret = "pässwörd"
    assert mask_text(f"x {secret.encode().decode('latin-1')} y", [secret]) == f"x {MASK} y"
    assert mask_text(f"x {secret} y", [secret.encode().decode("latin-1")]) == f"x {MASK} y"


@given(st.text(min_size=4, max_size=12), st.sampled_from(sorted(FORMS)), st.text(max_size=8), st.text(max_size=8))
def test_any_secret_is_found_in_any_form(secret, form, before, after):
    secret = secret.encode("utf-8", "replace").decode()
    written = FORMS[form](secret)
    if len(written) >= 5:
        assert MASK in mask_text(f"{before} {written} {after}", [secret])


@pytest.mark.parametrize("at", [*range(MOST_TEXT - 30, MOST_TEXT + 2), 0, 5])
@pytest.mark.parametrize("form", ["as it is", "a URL in a URL", "JSON in JSON", "JSON of .NET", "HTML, in hexadecimal"])
def test_a_long_text_is_cut_and_no_part_of_a_secret_is_left(at, form):
    secret = "hunter2/secret+value"
    text = "." * at + FORMS[form](secret) + "." * 100_000
    shown = mask_text(text, [secret, "x" * 5000])
    assert len(shown) <= MOST_TEXT + len(MASK) + 1
    assert shown.endswith("…")
    assert "hunt" not in shown
    if at == MOST_TEXT:
        assert shown == "." * MOST_TEXT + "…"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_that_is_longer_than_what_is_shown_is_found(form):
    """A hook's script, of which only a beginning is looked for."""
    secret = "/é ".join(map(str, range(20_000)))
    shown = mask_text("." * 100 + form(secret), [secret])
    assert shown == "." * 100 + MASK + "…"


def calls(lines: int, texts: int) -> int:
    """How many functions are called to mask so many texts of an answer to a request with a script of so many lines."""
    script = base64.b64encode("\n".join(f"export NAME_{n}=value-{n}-{texts}" for n in range(lines)).encode()).decode()
    secrets = private_texts({"hooks": {"pre_start": {"script": script}}})
    count = 0

    def counting(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        assert mask([f"text {n}% of it" for n in range(texts)], secrets)
    finally:
        sys.setprofile(before)
    return count


def test_a_script_s_lines_are_not_looked_for_one_by_one_in_each_text():
    """A hook of 1,000 lines made each logged answer cost 10 seconds."""
    assert calls(400, 100) < 3 * (calls(400, 1) + calls(1, 100))


@pytest.mark.parametrize("count", [2, 200, 20_000])
def test_many_secrets_one_after_the_other(count):
    shown = mask_text("hunter2secret" * count, ["hunter2secret", "secrethunter2", "2secret"])
    assert "secret" not in shown
    assert "hunter" not in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("user:pass@host:8080", "***@host:8080"),
        ("http://user:pass@host:8080", "http://***@host:8080"),
        ("http://user:pa/ss@host:8080", "http://***@host:8080"),
        ("http://user:p?s#s@host", "http://***@host"),
        ("user:p@ss@host", "***@host"),
        ("http://user@host", "http://***@host"),
        ("http://[::1", "http://[::1"),
        ("http://[", "http://["),
        ("/notebooks/a@b", "/notebooks/a@b"),
        ("http://host/p?token=abc&limit=5#x", "http://host/p?token=***&limit=5#x"),
        ("host:1", "host:1"),
        ("", ""),
    ],
)
def test_what_is_meant_as_a_url_shows_no_user(url, shown):
    assert mask_url(url) == shown


def test_a_deep_value_is_masked_without_end():
    value: dict[str, object] = {"password": SECRET}
    for _ in range(5000):
        value = {"a": [value]}
    shown = mask({"deep": value, "token": SECRET, "name": "nb"})
    assert (shown["token"], shown["name"]) == (MASK, "nb")
    found, depth = shown["deep"], 0
    while found != MASK:
        found, depth = (
            found["a"][0] if isinstance(found, dict) and isinstance(found["a"], list) else found["a"],
            depth + 1,
        )
    assert depth < 50


def test_half_of_a_pair_can_be_sent_on():
    assert mask_text("a \ud800 b", ["x" * 9]).encode()
