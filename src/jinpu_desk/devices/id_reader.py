"""Reads identity cards through a bridge: a small program on the same computer that knows the vendor's library.

Vendors' libraries are often 32-bit and may crash; in a bridge they can do the desk no harm (DOMAIN F3). The
protocol is one JSON object a line over TCP on loopback, UTF-8, one connection for each reading:

    → {"op": "read"}
    ← {"card": {"name": "…", "sex": "…", "ethnicity": "…", "birth": "1990-03-07", "address": "…",
                "number": "…", "issuer": "…", "valid_from": "2020-01-01", "valid_to": null,
                "portrait": "base64 of a JPEG"}}
    ← {"card": null}                     no card lies on the reader
    ← {"error": "what the vendor said"}  it could not be read

``valid_to`` is null for 长期. Fields not named here, fingerprints above all, are dropped unread.
"""

from __future__ import annotations

import socket
from datetime import date

import msgspec

from jinpu_desk.app.ports.devices import CardSource, IdCard
from jinpu_desk.domain.errors import Unavailable

LOOPBACK = "127.0.0.1"
_LONGEST_LINE = 512 * 1024
_READ = b'{"op":"read"}\n'


class BridgeCard(msgspec.Struct, frozen=True):
    """A card as it travels; the same facts as ``IdCard``, which adds where they came from."""

    name: str
    sex: str
    ethnicity: str
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None
    portrait: bytes = b""


class BridgeAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer of the bridge; ``error`` counts when it is not empty."""

    card: BridgeCard | None = None
    error: str = ""


class BridgeIdReader:
    """The reader behind the bridge at ``port`` of this computer."""

    def __init__(self, port: int, *, timeout_s: float = 10) -> None:
        self._address = (LOOPBACK, port)
        self._timeout_s = timeout_s

    def read(self) -> IdCard | None:
        """Returns the card lying on the reader, ``None`` when there is none.

        Raises ``Unavailable`` when the bridge does not answer, answers nonsense, or could not read the card.
        """
        answer = _understand(self._exchange())
        if answer.error:
            raise Unavailable("device.id-reader.failed", reason=answer.error)
        if answer.card is None:
            return None
        return IdCard(**msgspec.structs.asdict(answer.card), source=CardSource.READER)

    def _exchange(self) -> bytes:
        try:
            with socket.create_connection(self._address, self._timeout_s) as bridge:
                bridge.sendall(_READ)
                with bridge.makefile("rb") as lines:
                    return lines.readline(_LONGEST_LINE)
        except OSError as error:
            raise Unavailable("device.id-reader.not-connected") from error


def _understand(line: bytes) -> BridgeAnswer:
    if not line:
        raise Unavailable("device.id-reader.not-connected")
    try:
        return msgspec.json.decode(line, type=BridgeAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # No cause is chained: a decoder's message may quote the card.
        raise Unavailable("device.id-reader.bad-answer") from None
