"""The part of protobuf's wire format that the message table needs: dictionaries to bytes and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from modelarts_provider.framework.protocol.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelarts_provider.framework.protocol.messages import MessageField

_VARINT: Final = 0
_FIXED64: Final = 1
_DELIMITED: Final = 2
_FIXED32: Final = 5

_WIRE_TYPES: Final = {"s": _DELIMITED, "b": _DELIMITED, "i": _VARINT, "o": _VARINT, "m": _DELIMITED}
_PYTHON_TYPES: Final[dict[str, tuple[type, ...]]] = {"s": (str,), "b": (bytes, bytearray), "i": (int,), "o": (bool,)}

_ENTRY_KEY: Final = 1  # protobuf's fixed numbers for the two fields of a map's entry
_ENTRY_VALUE: Final = 2
_MAX_DEPTH: Final = 100  # protobuf's own limit for nested messages
_MAX_VARINT_SHIFT: Final = 63  # a varint has at most ten bytes of seven bits
_LOW_BITS: Final = 0x7F  # a varint's byte carries seven bits; the top bit says that more bytes follow
_MASK64: Final = (1 << 64) - 1
_INT64: Final = range(-(1 << 63), 1 << 63)


class DecodeError(ValueError):
    """Bytes are not a message of the expected kind."""


class EncodeError(ValueError):
    """A dictionary does not fit the message that it should become: a defect of the caller."""


def encode(message_name: str, value: Mapping[str, Any]) -> bytes:
    """Encode a dictionary as a message.

    Args:
        message_name: A name of the table, such as ``PlanResourceChange.Response``.
        value: Field values by name. A missing field and None are both absent; nested messages are dictionaries.

    Raises:
        EncodeError: An unknown field, or a value of the wrong type.
        KeyError: An unknown message.
    """
    out = bytearray()
    _encode_into(out, message_name, value)
    return bytes(out)


def decode(message_name: str, data: bytes) -> dict[str, Any]:
    """Decode a message into a dictionary that has every field of the table.

    Absent fields: ``[]`` for lists, ``{}`` for maps, None for messages and optional scalars, else the zero value.
    Fields that the table lacks are skipped.

    Raises:
        DecodeError: The bytes are no such message.
        KeyError: An unknown message.
    """
    return _decode_range(message_name, data, 0, len(data), 0)


def _encode_into(out: bytearray, message_name: str, value: Mapping[str, Any]) -> None:
    fields = message(message_name)
    if unknown := value.keys() - fields.by_name.keys():
        raise EncodeError(f"{message_name} has no field {', '.join(sorted(unknown))}")
    for field in fields.fields:
        item = value.get(field.name)
        if item is None:
            continue
        if field.shape == "list":
            for each in item:
                _encode_field(out, message_name, field, each)
        elif field.shape == "map":
            for key, each in item.items():
                _encode_entry(out, message_name, field, key, each)
        elif field.shape == "optional" or field.kind == "m" or item or not _fits(field, item):
            _encode_field(out, message_name, field, item)


def _encode_field(out: bytearray, message_name: str, field: MessageField, value: Any) -> None:
    _write_varint(out, field.number << 3 | _WIRE_TYPES[field.kind])
    if field.kind == "m":
        _write_delimited(out, encode(field.target, value))
        return
    if not _fits(field, value):
        raise EncodeError(f"{message_name}.{field.name} cannot hold a {type(value).__name__}")
    if isinstance(value, int):
        if value not in _INT64:
            raise EncodeError(f"{message_name}.{field.name} cannot hold {value}: more than 64 bits")
        _write_varint(out, value & _MASK64)
    elif isinstance(value, str):
        _write_delimited(out, _utf8(f"{message_name}.{field.name}", value))
    else:
        _write_delimited(out, value)


def _fits(field: MessageField, value: Any) -> bool:
    return isinstance(value, _PYTHON_TYPES[field.kind])


def _encode_entry(out: bytearray, message_name: str, field: MessageField, key: str, value: Mapping[str, Any]) -> None:
    """A map travels as a list of messages with two fields, key and value."""
    if not isinstance(key, str):
        raise EncodeError(f"{message_name}.{field.name} cannot have a {type(key).__name__} as key")
    entry = bytearray()
    _write_varint(entry, _ENTRY_KEY << 3 | _DELIMITED)
    _write_delimited(entry, _utf8(f"{message_name}.{field.name}", key))
    _write_varint(entry, _ENTRY_VALUE << 3 | _DELIMITED)
    _write_delimited(entry, encode(field.target, value))
    _write_varint(out, field.number << 3 | _DELIMITED)
    _write_delimited(out, entry)


def _utf8(where: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise EncodeError(f"{where} is no valid text: {error}") from error


def _write_delimited(out: bytearray, content: bytes | bytearray) -> None:
    _write_varint(out, len(content))
    out += content


def _write_varint(out: bytearray, value: int) -> None:
    while value > _LOW_BITS:
        out.append(value & _LOW_BITS | 0x80)
        value >>= 7
    out.append(value)


def _decode_range(message_name: str, data: bytes, position: int, end: int, depth: int) -> dict[str, Any]:
    if depth > _MAX_DEPTH:
        raise DecodeError(f"{message_name}: nested deeper than {_MAX_DEPTH} messages")
    fields = message(message_name)
    result = {field.name: field.absent() for field in fields.fields}
    nested: dict[MessageField, list[tuple[int, int]]] = {}
    while position < end:
        tag, position = _read_varint(data, position, end)
        start, position, number = _read_value(data, position, end, tag & 7)
        field = fields.by_number.get(tag >> 3)
        if field is None:
            if not tag >> 3:
                raise DecodeError(f"{message_name}: field number 0")
        elif _WIRE_TYPES[field.kind] != tag & 7:
            raise DecodeError(f"{message_name}.{field.name}: wire type {tag & 7}")
        elif field.shape == "list":
            result[field.name].append(_decode_range(field.target, data, start, position, depth + 1))
        elif field.shape == "map":
            key, value = _decode_entry(field, data, start, position, depth + 1)
            result[field.name][key] = value
        elif field.kind == "m":
            nested.setdefault(field, []).append((start, position))
        else:
            result[field.name] = _scalar(message_name, field, data[start:position], number)
    for field, ranges in nested.items():
        result[field.name] = _decode_merged(field.target, data, ranges, depth + 1)
    return result


def _decode_merged(message_name: str, data: bytes, ranges: list[tuple[int, int]], depth: int) -> dict[str, Any]:
    """A message that occurs several times where one is expected is merged, which joining its bytes does."""
    if len(ranges) == 1:
        return _decode_range(message_name, data, *ranges[0], depth)
    joined = b"".join(data[start:stop] for start, stop in ranges)
    return _decode_range(message_name, joined, 0, len(joined), depth)


def _decode_entry(field: MessageField, data: bytes, position: int, end: int, depth: int) -> tuple[str, dict[str, Any]]:
    key = b""
    values: list[tuple[int, int]] = []
    while position < end:
        tag, position = _read_varint(data, position, end)
        start, position, _ = _read_value(data, position, end, tag & 7)
        if tag >> 3 in (_ENTRY_KEY, _ENTRY_VALUE) and tag & 7 != _DELIMITED:
            raise DecodeError(f"an entry of {field.name}: wire type {tag & 7}")
        if tag >> 3 == _ENTRY_KEY:
            key = data[start:position]
        elif tag >> 3 == _ENTRY_VALUE:
            values.append((start, position))
    return _text(field.name, key), _decode_merged(field.target, data, values, depth)


def _read_value(data: bytes, position: int, end: int, wire_type: int) -> tuple[int, int, int]:
    """Step over one value: where its content starts, where it ends, and its number where it is a varint."""
    if wire_type == _VARINT:
        number, after = _read_varint(data, position, end)
        return position, after, number
    if wire_type == _DELIMITED:
        length, position = _read_varint(data, position, end)
    elif wire_type in (_FIXED64, _FIXED32):
        length = 8 if wire_type == _FIXED64 else 4
    else:
        raise DecodeError(f"wire type {wire_type} is not in use")
    if length > end - position:
        raise DecodeError(f"truncated: {length} bytes announced, {end - position} left")
    return position, position + length, 0


def _read_varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    result = shift = 0
    while position < end:
        byte = data[position]
        position += 1
        result |= (byte & _LOW_BITS) << shift
        if byte <= _LOW_BITS:
            if result > _MASK64:
                break
            return result, position
        shift += 7
        if shift > _MAX_VARINT_SHIFT:
            break
    else:
        raise DecodeError("truncated within a number")
    raise DecodeError("a number of more than 64 bits")


def _scalar(message_name: str, field: MessageField, content: bytes, number: int) -> Any:
    if field.kind == "s":
        return _text(f"{message_name}.{field.name}", content)
    if field.kind == "o":
        return number != 0
    if field.kind == "i":
        return number - (1 << 64) if number >> 63 else number
    return content


def _text(where: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"{where}: not UTF-8") from error
