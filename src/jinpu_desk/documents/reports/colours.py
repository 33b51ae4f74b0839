"""The tones of charts in print: dark enough to tell apart in grey, on white."""

from __future__ import annotations

from jinpu_desk.app.reports.model import Tone

_HEX: dict[Tone, str] = {
    "info": "#2f74c0",
    "good": "#2c8a55",
    "warn": "#c08a00",
    "pledged": "#d06a1f",
    "bad": "#b8322a",
    "tolerated": "#7a52b8",
    "neutral": "#7d8896",
}


def hex_of(tone: Tone) -> str:
    """Return a tone as #rrggbb."""
    return _HEX[tone]


def rgb_of(tone: Tone) -> str:
    """Return a tone as the three numbers a PDF's ``rg`` takes."""
    text = _HEX[tone].removeprefix("#")
    return " ".join(f"{int(text[at : at + 2], 16) / 255:.3f}" for at in (0, 2, 4))
