"""Turns an error's code into the sentence a clerk reads and the one thing to do (``resources/messages``)."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping

import msgspec

from jinpu_desk.domain.case import Status
from jinpu_desk.domain.errors import DeskError, Refused

from .labels import EVENT_LABELS, STATUS_LABELS, VERB_LABELS


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry: ``text`` with blanks for the error's params (and ``where``), ``hint`` without."""

    text: str
    hint: str


class Sentences:
    """Every sentence there is, by code."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Read message files, name to TOML bytes.

        Raises:
            ValueError: when a code stands twice or an entry has another shape; resources ship with the
                program, so this is a bug.
        """
        self._by_code: dict[str, Sentence] = {}
        for name, raw in sorted(files.items()):
            for code, entry in tomllib.loads(raw.decode()).items():
                if code in self._by_code:
                    raise ValueError(f"{name}: {code} stands twice")
                self._by_code[code] = msgspec.convert(entry, Sentence)

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def codes(self) -> frozenset[str]:
        """Return every known code."""
        return frozenset(self._by_code)

    def text(self, code: str, params: Mapping[str, object] | None = None, where: str = "") -> str:
        """Return the sentence of ``code`` with its blanks filled; a missing value shows as an ellipsis."""
        sentence = self._by_code.get(code)
        if sentence is None:
            return f"出现了没有说明的情况（{code}）。"
        return _Lenient().vformat(sentence.text, (), _worded({"where": where, **(params or {})}))

    def of(self, error: DeskError) -> tuple[str, str]:
        """Return (sentence, hint) for an error; the article of law is added where the error names one."""
        text = self.text(error.code, error.params, error.where)
        if isinstance(error, Refused) and error.article:
            text = f"{text}（{error.article}）"
        known = self._by_code.get(error.code)
        return text, known.hint if known else ""


def _worded(params: dict[str, object]) -> dict[str, object]:
    """Add the Chinese words for the numbers and keys that sentences name."""
    status, verb = params.get("status"), params.get("verb")
    if isinstance(status, int) and status in set(Status):
        params["status_name"] = STATUS_LABELS[Status(status)]
    if isinstance(verb, str) and "verb_name" not in params:
        params["verb_name"] = VERB_LABELS.get(verb) or EVENT_LABELS.get(verb, verb)
    return params


class _Lenient(string.Formatter):
    """Shows … for a value the error did not bring, so that a sentence is never lost to its own blanks."""

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs.get(str(key), "…")

    def get_field(self, field_name: str, args: object, kwargs: Mapping[str, object]) -> tuple[object, str]:
        # Plain names only: a message file may not reach into attributes of what it prints.
        return self.get_value(field_name, args, kwargs), field_name
