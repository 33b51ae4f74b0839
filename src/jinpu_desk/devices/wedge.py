"""Recognises a barcode gun among the keys of a keyboard.

A gun types like a person, only faster and always ending with the same key. A run of characters less than
``max_gap_ms`` apart, at least ``min_length`` long and closed by a suffix key, is a scan (DOMAIN F2). Guns send
ASCII only, so text an input method commits at once is never one.

The first character of a run is passed on at once, so that a person's typing is never held up; only what
follows it in less than ``max_gap_ms`` is held until it is a scan or clearly none. A scan therefore says how
many of its characters the focused field has already received. A gun programmed to send a ``prefix`` (most
can) leaks nothing, and cannot be mistaken for fast typing at all.
"""

from __future__ import annotations

from typing import Generic

import msgspec

from jinpu_desk.app.ports.devices import K, Scan, Verdict

ENTER = frozenset("\r\n")
ENTER_OR_TAB = frozenset("\r\n\t")


class WedgeSettings(msgspec.Struct, frozen=True):
    """How the guns of this window are programmed."""

    min_length: int = 6
    max_length: int = 4096
    max_gap_ms: int = 30
    suffix: frozenset[str] = ENTER
    prefix: str = ""


class Wedge(Generic[K]):
    """Gives back every key exactly once and in order, except those that were a scan.

    Times are milliseconds of one monotonic clock; a time that runs backwards counts as a pause.
    """

    def __init__(self, settings: WedgeSettings | None = None) -> None:
        self._settings = settings or WedgeSettings()
        self._text: list[str] = []
        self._held: list[K] = []
        self._passed = 0
        self._running = False
        self._last_ms = 0
        self._after_return = False

    @property
    def deadline_ms(self) -> int | None:
        """When ``tick`` gives back what is held; ``None`` while nothing is."""
        return self._last_ms + self._settings.max_gap_ms if self._held else None

    def feed(self, char: str, t_ms: int, key: K) -> Verdict[K]:
        """Takes one key press: its character ("" for none), its time, and what to replay for it."""
        in_time = 0 <= t_ms - self._last_ms < self._settings.max_gap_ms
        second_half = self._after_return and char == "\n" and in_time
        self._after_return = False
        released = () if in_time else self._give_up()
        self._last_ms = t_ms
        if second_half:  # of a gun's CR LF: it belongs to the scan just made
            return Verdict(released)
        if char in self._settings.suffix:
            return self._close(char, released, key)
        if self._settings.prefix and char == self._settings.prefix:
            return self._open(released, key)
        if len(char) != 1 or not (char.isascii() and char.isprintable()):
            return Verdict((*released, *self._give_up(), key))
        return self._extend(char, released, key)

    def tick(self, t_ms: int) -> Verdict[K]:
        """Gives back what is held once ``deadline_ms`` has come."""
        if 0 <= t_ms - self._last_ms < self._settings.max_gap_ms:
            return Verdict()
        return Verdict(self._give_up())

    def _open(self, released: tuple[K, ...], key: K) -> Verdict[K]:
        released = (*released, *self._give_up())
        self._running = True
        self._held.append(key)
        return Verdict(released)

    def _extend(self, char: str, released: tuple[K, ...], key: K) -> Verdict[K]:
        if not self._running:
            if self._settings.prefix:
                return Verdict((*released, key))
            self._running = True
            self._text.append(char)
            self._passed = 1
            return Verdict((*released, key))
        if len(self._text) == self._settings.max_length:
            return Verdict((*released, *self._give_up(), key))
        self._text.append(char)
        self._held.append(key)
        return Verdict(released)

    def _close(self, char: str, released: tuple[K, ...], key: K) -> Verdict[K]:
        if len(self._text) < self._settings.min_length:
            return Verdict((*released, *self._give_up(), key))
        scan = Scan("".join(self._text), self._passed)
        self._forget()
        self._after_return = char == "\r"
        return Verdict(released, scan)

    def _give_up(self) -> tuple[K, ...]:
        held = tuple(self._held)
        self._forget()
        return held

    def _forget(self) -> None:
        self._text.clear()
        self._held.clear()
        self._passed = 0
        self._running = False
