"""Every word on the screen, from one TOML catalogue per language; Chinese is the original."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

LANGUAGES = {"zh": "中文", "en": "English"}


class Words:
    """Gives the text of a key with its blanks filled. A missing key is a bug and raises ``KeyError``."""

    def __init__(self, language: str, texts: dict[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **blanks: object) -> str:
        text = self._texts[key]
        return text.format(**blanks) if blanks else text

    def known(self) -> frozenset[str]:
        """Return every key there is."""
        return frozenset(self._texts)


def load_words(folder: Path, language: str) -> Words:
    """Read ``<language>.toml``: tables become dotted keys, e.g. ``intake.applicant``."""
    raw = tomllib.loads((folder / f"{language}.toml").read_text("utf-8"))
    return Words(language, dict(_flat(raw, "")))


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found.extend(_flat(value, f"{prefix}{key}."))
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
