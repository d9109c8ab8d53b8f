"""The codec on its own: what it refuses, and what it keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.framework.protocol.codec import DecodeError, EncodeError, decode, encode
from modelarts_provider.framework.protocol.messages import message, names


def test_absent_fields_decode_to_their_kind_of_nothing():
    assert decode("GetProviderSchema.Response", b"") == {
        "provider": None,
        "resource_schemas": {},
        "data_source_schemas": {},
        "diagnostics": [],
        "server_capabilities": None,
    }
    assert decode("Schema.NestedBlock", b"") == {
        "type_name": "",
        "block": None,
        "nesting": 0,
        "min_items": 0,
        "max_items": 0,
    }
    assert decode("AttributePath.Step", b"") == {
        "attribute_name": None,
        "element_key_string": None,
        "element_key_int": None,
    }


def test_lists_of_two_messages_are_not_shared():
    first = decode("AttributePath", b"")
    first["steps"].append("mine")
    assert decode("AttributePath", b"")["steps"] == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DynamicValue", {"msgpack": b"\xc0"}, "0a01c0"),
        ("DynamicValue", {"msgpack": b"", "json": None}, ""),
        ("ApplyResourceChange.Response", {"new_state": {}}, "0a00"),
        ("Schema", {"version": 150}, "089601"),
        ("Schema", {"version": -1}, "08ffffffffffffffffff01"),
        ("Schema.Attribute", {"name": "ä", "required": True, "optional": False}, "0a02c3a42001"),
        ("AttributePath.Step", {"element_key_int": 0}, "1800"),
        ("AttributePath.Step", {"attribute_name": ""}, "0a00"),
        ("AttributePath", {"steps": [{"element_key_string": "a"}, {"element_key_int": 1}]}, "0a031201610a021801"),
        ("GetProviderSchema.Response", {"resource_schemas": {"a": {"version": 1}}}, "12070a016112020801"),
        ("StopProvider.Request", {}, ""),
    ],
)
def test_encoding_is_what_protobuf_prescribes(name, value, expected):
    assert encode(name, value).hex() == expected
    kept = {key: item for key, item in value.items() if item is not None}
    decoded = decode(name, bytes.fromhex(expected))
    assert {key: decoded[key] for key in kept if not isinstance(kept[key], (dict, list))} == {
        key: item for key, item in kept.items() if not isinstance(item, (dict, list))
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Schema", {"versoin": 1}),
        ("Schema", {"version": "1"}),
        ("Schema", {"version": ""}),
        ("Schema", {"version": 1 << 63}),
        ("Schema.Attribute", {"name": b"bytes"}),
        ("Schema.Attribute", {"name": "\ud800"}),
        ("Schema.Attribute", {"required": 1}),
        ("DynamicValue", {"msgpack": "text"}),
        ("GetProviderSchema.Response", {"resource_schemas": {1: {}}}),
        ("GetProviderSchema.Response", {"resource_schemas": {"a": {"nope": 1}}}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name, value):
    with pytest.raises(EncodeError):
        encode(name, value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Schema", "08"),  # a tag without a value
        ("Schema", "0880"),  # a number that goes on
        ("Schema", "0880808080808080808080"),  # ten bytes, and goes on
        ("Schema", "088080808080808080808001"),  # eleven bytes
        ("Schema", "08ffffffffffffffffff02"),  # 65 bits
        ("Schema", "0a00"),  # text where a number belongs
        ("Schema.Attribute", "0801"),  # a number where text belongs
        ("Schema.Attribute", "0a05"),  # five bytes announced, none there
        ("Schema.Attribute", "0affffffffffffffffff01"),  # 2**64 - 1 bytes announced
        ("Schema.Attribute", "0a01ff"),  # not UTF-8
        ("Schema", "0001"),  # field number 0
        ("Schema", "7b"),  # groups
        ("Schema", "7d0000"),  # an unknown field's four bytes, two there
        ("AttributePath", "0a020a05"),  # inner length beyond the outer end, not beyond the data
        ("GetProviderSchema.Response", "12020801"),  # a map's key that is a number
        ("GetProviderSchema.Response", "12030a01ff"),  # a map's key that is not UTF-8
    ],
)
def test_bytes_that_are_no_message_are_refused(name, data):
    with pytest.raises(DecodeError):
        decode(name, bytes.fromhex(data))


def test_unknown_fields_are_skipped_whatever_their_kind():
    unknown = bytes.fromhex("f80101" + "fa0103616263" + "fd0101020304" + "f9010102030405060708")
    assert decode("Schema", unknown + b"\x08\x05" + unknown) == {"version": 5, "block": None}


def test_the_last_of_repeated_scalars_counts_and_repeated_messages_are_merged():
    assert decode("Schema", bytes.fromhex("08010802"))["version"] == 2
    merged = decode("Schema", bytes.fromhex("1202080112023001" + "1202080a"))["block"]
    assert (merged["version"], merged["deprecated"]) == (10, True)


def nested_path(depth: int) -> bytes:
    data = b""
    for _ in range(depth):  # Schema.Attribute.nested_type is a Schema.Object, whose attributes are Schema.Attribute
        data = b"\x52" + _length(data) + data
        data = b"\x0a" + _length(data) + data
    return data


def _length(data: bytes) -> bytes:
    size, out = len(data), b""
    while size > 0x7F:
        out += bytes([size & 0x7F | 0x80])
        size >>= 7
    return out + bytes([size])


def test_nesting_has_a_limit():
    decode("Schema.Object", nested_path(50))
    with pytest.raises(DecodeError, match="nested deeper"):
        decode("Schema.Object", nested_path(51))
    with pytest.raises(DecodeError, match="nested deeper"):
        decode("Schema.Object", nested_path(5_000))


def test_unknown_messages_are_a_defect_of_the_caller():
    with pytest.raises(KeyError):
        decode("Nothing", b"")
    with pytest.raises(KeyError):
        encode("Nothing", {})


@given(st.sampled_from(names()), st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(name, data):
    try:
        value = decode(name, data)
    except DecodeError:
        return
    assert value.keys() == message(name).by_name.keys()
    assert decode(name, encode(name, value)) == value
