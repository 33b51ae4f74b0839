"""As much of the Internet Printing Protocol as a print spooler needs: messages to bytes and back (RFC 8010)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum

import msgspec

from jinpu_desk.domain.errors import Unavailable

_VERSION = (2, 0)
_OPERATION_GROUP, _JOB_GROUP, _END = 0x01, 0x02, 0x03
_FIRST_VALUE_TAG = 0x10
_BIGGEST_ANSWER = 4 * 1024 * 1024

Value = int | bool | str | bytes


class Operation(IntEnum):
    """Operations of RFC 8011 and, from 0x4000, of CUPS."""

    PRINT_JOB = 0x0002
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B
    GET_DEFAULT = 0x4001
    GET_PRINTERS = 0x4002


class Tag(IntEnum):
    """Value tags (RFC 8010, 3.5.2)."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


class Attribute(msgspec.Struct, frozen=True):
    """One attribute of a request, with one value or several."""

    tag: Tag
    name: str
    values: Sequence[int | str]


class Answer(msgspec.Struct, frozen=True):
    """What came back: the status code, and the attributes of each group in turn, all as lists of values."""

    status: int
    groups: list[dict[str, list[Value]]]

    @property
    def is_ok(self) -> bool:
        return self.status < 0x0100

    @property
    def is_not_found(self) -> bool:
        return self.status in (0x0406, 0x0407)  # not-found, gone


def request(
    operation: Operation,
    attributes: Sequence[Attribute],
    job: Sequence[Attribute] = (),
    document: bytes = b"",
) -> bytes:
    """Returns the bytes of a request; ``document`` follows the attributes."""
    head = struct.pack(">BBHi", *_VERSION, operation, 1)
    common = [
        Attribute(Tag.CHARSET, "attributes-charset", ["utf-8"]),
        Attribute(Tag.LANGUAGE, "attributes-natural-language", ["en"]),
    ]
    body = bytes([_OPERATION_GROUP]) + b"".join(map(_encode, [*common, *attributes]))
    if job:
        body += bytes([_JOB_GROUP]) + b"".join(map(_encode, job))
    return head + body + bytes([_END]) + document


def answer(data: bytes) -> Answer:
    """Returns the answer in ``data``; raises ``Unavailable`` when it is not an IPP message."""
    try:
        return _decode(data)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        raise Unavailable("device.printer.no-spooler") from error


def _encode(attribute: Attribute) -> bytes:
    name, parts = attribute.name.encode("ascii"), []
    for value in attribute.values:
        content = struct.pack(">i", value) if isinstance(value, int) else value.encode("utf-8")
        parts.append(struct.pack(">BH", attribute.tag, len(name)) + name + struct.pack(">H", len(content)))
        parts.append(content)
        name = b""  # a further value of the same attribute has no name
    return b"".join(parts)


def _decode(data: bytes) -> Answer:
    if len(data) > _BIGGEST_ANSWER:
        raise ValueError(len(data))
    _, _, status, _ = struct.unpack_from(">BBHi", data)
    groups: list[dict[str, list[Value]]] = []
    values: list[Value] = []
    at = 8
    while (tag := data[at]) != _END:
        at += 1
        if tag < _FIRST_VALUE_TAG:
            groups.append({})
            continue
        name, at = _chunk(data, at)
        content, at = _chunk(data, at)
        if name:
            values = groups[-1].setdefault(name.decode("ascii"), [])
        values.append(_value(tag, content))
    return Answer(status, groups)


def _chunk(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">H", data, at)
    end = at + 2 + length
    if end >= len(data):
        raise ValueError(end)
    return data[at + 2 : end], end


def _value(tag: int, content: bytes) -> Value:
    match tag:
        case Tag.BOOLEAN:
            return content != b"\0"
        case Tag.INTEGER | Tag.ENUM:
            return int(struct.unpack(">i", content)[0])
        case _ if Tag.TEXT <= tag <= Tag.MIME_TYPE:
            return content.decode("utf-8")
        case _:  # dates, ranges, collections: nothing we ask for
            return content
