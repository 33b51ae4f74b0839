"""The centre's settings as data (``resources/centre.toml``): numbering, terms, limits."""

from __future__ import annotations

import datetime as dt
import re
import tomllib

import msgspec

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.numbering import check_template

_DAY = 86_400_000
_HOUR = 3_600_000
_MINUTE = 60_000
_PUBLIC_URL = re.compile(r"https?://[^\s#?]{1,100}(?<!/)")
"""Short enough for the codes on papers."""


class NumberTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of paper of one authority is numbered. ``daily`` is what a busy window uses in a day."""

    authority: str
    kind: str
    template: str
    daily: int

    @property
    def block(self) -> int:
        """Numbers in a block: three working days."""
        return 3 * self.daily


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a secret may be guessed, how fast anybody may ask, and how long words of the centre hold.

    ``attempts`` are for one secret from one address, ``attempts_per_address`` for all secrets from there, both within
    ``attempt_minutes``; ``attempts_per_secret`` are for one secret from everywhere, within a day. ``requests_…`` are
    for one credential, ``open_…`` for one address without a known one.
    """

    grant_hours: int
    enrol_code_hours: int
    attempts: int
    attempt_minutes: int
    attempts_per_address: int
    attempts_per_secret: int
    requests_per_second: float
    requests_burst: int
    open_per_second: float
    open_burst: int

    @property
    def grant_ms(self) -> int:
        """How long a clerk may work offline."""
        return self.grant_hours * _HOUR

    @property
    def code_ms(self) -> int:
        """How long an enrolment code can be used."""
        return self.enrol_code_hours * _HOUR

    @property
    def window_ms(self) -> int:
        """How long failed attempts from one address are counted together."""
        return self.attempt_minutes * _MINUTE

    @property
    def day_ms(self) -> int:
        """How long failed attempts from everywhere are counted together."""
        return _DAY


class TrainingStation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A station a training centre starts with."""

    code: str
    number: str
    name: str


class CentreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    division: str
    authority: str
    limits: Limits
    templates: tuple[NumberTemplate, ...]
    training_stations: tuple[TrainingStation, ...]
    closes: dt.time = dt.time(17)  # what comes online later counts as received on the next working day
    public_url: str = ""  # where the public reaches the progress page; empty: where desks reach the centre


def decode_settings(raw: bytes) -> CentreSettings:
    """Read and check the settings.

    Raises:
        Refused: ``server.settings`` with what is wrong in the file, ``numbering.template`` for a bad template.
    """
    try:
        settings = msgspec.convert(tomllib.loads(raw.decode()), CentreSettings)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("server.settings", "centre.toml", problem=str(error)) from error
    if settings.public_url and not _PUBLIC_URL.fullmatch(settings.public_url):
        raise Refused("server.settings", "centre.toml", problem=f"public_url: {settings.public_url}")
    for entry in settings.templates:
        check_template(entry.template)
    return settings
