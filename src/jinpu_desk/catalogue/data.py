"""The base of everything read from catalogue files."""

from __future__ import annotations

import msgspec


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A row of a catalogue file: frozen, and an unknown key is refused."""
