from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.api.masking import MASK, is_secret_name, mask, mask_headers, mask_text, mask_url

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


def test_headers_and_urls():
    headers = mask_headers(
        [("X-Security-Token", SECRET), ("X-Project-Id", "p"), ("User-Agent", f"a {SECRET}")], [SECRET]
    )
    assert headers == {"X-Security-Token": MASK, "X-Project-Id": "p", "User-Agent": f"a {MASK}"}
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
