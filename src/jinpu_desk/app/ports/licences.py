"""Where electronic licences (电子证照) are looked up: one question, answered by a folder or over HTTP (``devices``)."""

from __future__ import annotations

from datetime import date
from typing import Literal, Protocol

import msgspec


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """An electronic licence as the issuing platform describes it (fields after GB/T 36903; values are the platform's).

    ``kind`` is the key materials name (``business-licence``, ``id-card``, …); ``mark`` is the 证照标识 (GB/T 36904);
    ``valid_to`` None means 长期; ``fields`` are values of the licence that a form may take over, by form key.
    """

    mark: str
    kind: str
    name: str
    number: str
    holder_type: str
    holder_no: str
    holder_name: str
    issuer: str
    issued_on: date
    valid_to: date | None = None
    state: Literal["valid", "suspended", "revoked"] = "valid"
    fields: dict[str, str] = {}

    def __repr__(self) -> str:
        """Tells nothing about the holder, so that a log line cannot either."""
        return f"Licence(kind={self.kind!r})"

    def good_on(self, day: date) -> bool:
        """Tell whether the licence proves anything on ``day``."""
        return self.state == "valid" and (self.valid_to is None or day <= self.valid_to)


class LicenceLookup(Protocol):
    """A source of electronic licences."""

    def find(self, holder_type: str, holder_no: str) -> tuple[Licence, ...]:
        """Return every licence of the holder, newest first. Raises Unavailable ``licence.…``."""
        ...
