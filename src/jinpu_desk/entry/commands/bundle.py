"""``bundle export`` and ``bundle import``: the USB carry, also for another desk (CONTRACT)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.verbs.timers import let_time_pass
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.sync.bundle import PART_LIMIT, Exported, Progress, answer_path, kind_of, reading
from jinpu_desk.sync.bundle_files import Drafts

from ..home.bundles import incoming, outgoing
from ..home.login_log import note
from ..home.unlocked import OpenDesk
from ..parts import Parts
from .casework import opened

_STEP = 64 * 1024 * 1024
_SMALLEST_PART = 1024 * 1024


def run_export(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``bundle export``: write what waits to be sent to a file."""
    limit = arguments.limit * 1024 * 1024 if arguments.limit is not None else PART_LIMIT
    if not _SMALLEST_PART <= limit <= PART_LIMIT:
        raise Refused("bundle.limit", "--limit", most=PART_LIMIT // 1024 // 1024)
    if not arguments.file.parent.is_dir():
        raise Unavailable("bundle.unwritable", arguments.file.name, problem=str(arguments.file.parent))
    with opened(parts, arguments) as desk:
        done = export(desk, arguments.file, limit, told())
    answer: dict[str, Any] = msgspec.to_builtins(done)
    return answer


def run_import(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``bundle import``: apply an answer, or hand another desk's bundle to the centre."""
    with reading(arguments.file) as file:
        kind = kind_of(file).kind
    with opened(parts, arguments) as desk:
        if kind == "answer":
            answer: dict[str, Any] = msgspec.to_builtins(apply(desk, arguments.file))
            return answer
        return carry(desk, arguments.file, arguments.out or answer_path(arguments.file))


def export(
    desk: OpenDesk,
    target: Path,
    limit: int = PART_LIMIT,
    progress: Progress = lambda _done, _all: None,
) -> Exported:
    """Write the bundle of this desk."""
    let_time_pass(desk.desk)
    done = outgoing(desk, limit).export(target, progress)
    note(desk.desk, "export", "bundle")
    return done


def apply(desk: OpenDesk, source: Path) -> SyncRound:
    """Apply the answer to a bundle of this desk."""
    done = incoming(desk).take_in(source)
    note(desk.desk, "import", "bundle")
    desk.refreshed()
    return done


def carry(desk: OpenDesk, source: Path, out: Path) -> dict[str, Any]:
    """Hand a bundle of any desk to the centre and write the answer to ``out``."""
    with reading(source) as file, Drafts(out) as drafts:
        said = desk.carry(file, drafts.open())
        drafts.keep()
    told: dict[str, Any] = msgspec.json.decode(said) if said else {}
    return told | {"answer": str(out)}


def told() -> Progress:
    """Tell a person at a terminal how far a large file is; a program reads nothing but the answer."""
    reached = 0

    def tell(done: int, total: int) -> None:
        nonlocal reached
        if sys.stderr.isatty() and done - reached >= _STEP:
            reached = done
            print(f"已写 {done >> 20} / {total >> 20} MiB", file=sys.stderr)

    return tell
