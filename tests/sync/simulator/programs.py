"""Two versions of the program in one process: the newer one writes a kind of event the older never heard of.

Which one runs is asked of the machine whose process is running. Machines are upgraded, never set back; whoever looks
from outside, as the checks do, has the newer one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import msgspec

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import fold

NEW_KIND = "case.beckoned"


class Beckoned(b.FieldsEdited, frozen=True, kw_only=True):
    """What only the newer program writes: it changes fields, so that it can meet what others write."""


class _Decoders(dict[tuple[str, int], Any]):
    """The kinds of events that the running program knows."""

    def __init__(self, known: Mapping[tuple[str, int], Any], newer: Callable[[], bool]) -> None:
        super().__init__(known)
        self._newer = newer

    def get(self, kind: tuple[str, int], default: Any = None) -> Any:
        if kind[0] == NEW_KIND and not self._newer():
            return default
        return super().get(kind, default)


@contextmanager
def two_programs(newer: Callable[[], bool]) -> Iterator[None]:
    """Let ``newer`` say, for the length of the block, whether the running program knows the new kind."""
    known = b._DECODERS | {(NEW_KIND, Beckoned.version): msgspec.json.Decoder(Beckoned)}
    with (
        patch.object(b, "_DECODERS", _Decoders(known, newer)),
        patch.dict(b._NAMES, {Beckoned: NEW_KIND}),
        patch.dict(fold._STEPS, {Beckoned: fold._STEPS[b.FieldsEdited]}),
    ):
        yield
