"""``check-receipt``: needs a home for the trusted keys, but neither a password nor a network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.store.home import Home

from ..home.enrolment import Enrolment
from ..parts import Parts

FILES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"})
"""Endings that mean a file even when there is none of that name; the text of a QR ends in none of them."""


def run_check_receipt(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``check-receipt``: is this paper one of ours, offline and without a password."""
    with Home(arguments.home) as home:
        trust = Enrolment(home, parts).trust()
    shop = parts.documents()
    path = Path(arguments.what)
    named = path.suffix.lower() in FILES or _is_file(path)
    checked = shop.check(_read(path), trust) if named else shop.check_text(arguments.what, trust)
    facts = msgspec.to_builtins(checked.facts)
    return {
        "ok": checked.ok,
        "case_no": checked.case_no,
        "kind": str(checked.kind),
        "replica": checked.replica,
        "facts": facts,
        "whole_file": checked.whole_file,
    }


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # a long statement is no file name


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable("cli.unreadable", path.name) from error
