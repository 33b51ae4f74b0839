"""A desk that pushes to a centre under faults: what it writes, what it is told, and what is there afterwards."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from faults.centre import FragileCentre
from faults.reopening import Door
from faults.witness import Witness
from jinpu_desk.app.intake.application import from_file
from jinpu_desk.app.intake.drafts import FileInfo
from jinpu_desk.app.intake.file import decode_intake
from jinpu_desk.app.intake.taking import take_in
from jinpu_desk.domain.errors import DeskError, Unavailable
from jinpu_desk.entry.demo_cases import food_business, small_catering
from jinpu_desk.entry.home.rounds import run_round
from jinpu_desk.entry.home.unlocked import OpenDesk
from samples.programs import Desk, is_sentence

DONE, UNCLEAR = "done", "unclear"
_SCAN = b"%PDF-1.4 " + bytes(1500)
_WAIT = 30.0


@dataclass
class Pushing:
    """A centre and a desk that pushes to it, and what was seen of them."""

    centre: FragileCentre
    door: Door
    witness: Witness = field(default_factory=Witness)
    written: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def write(self, *, scan: bool) -> None:
        """Take a case in; ``scan`` attaches a file no centre has seen."""
        self.written += 1
        content = (food_business if scan else small_catering)(self.written % 900)
        with self.door.opened() as desk:
            take(desk, content, _SCAN + str(self.written).encode() if scan else b"")
            self.wrong += self.witness.look(desk)

    def push(self) -> str:
        """Run one round; return what the clerk saw of it."""
        with self.door.opened() as desk:
            told = round_told(desk)
            self.wrong += self.witness.look(desk)
        return told

    def judge(self, kind: str, where: str, told: str) -> None:
        """See that the user was told the truth, bring the centre back and see that nothing is missing."""
        self.ends[f"{kind}: {told}"] += 1
        seen = len(self.wrong)
        if told.startswith(UNCLEAR):
            self.wrong.append(told)
        if not self.centre.comes_back():
            self.ends[f"{kind}: needed a new start"] += 1
            self.centre.revive()
        self.compare(whole=False)
        if not self.repeated():
            self.wrong.append("not repeated")
        self.compare(whole=True)
        self.wrong[seen:] = [f"{kind} {where}: {problem}" for problem in self.wrong[seen:]]

    def repeated(self) -> bool:
        """Whether the desk gets everything across now, with no more than its ordinary patience."""
        end = time.monotonic() + _WAIT
        while (told := self.push()) != DONE:
            if told.startswith(UNCLEAR) or time.monotonic() > end:
                self.wrong.append(told)
                return False
            time.sleep(0.2)
        with self.door.opened() as desk:
            status = desk.store.status()
            return (status.pending, status.parked, status.dead, len(desk.store.unsent())) == (0, 0, 0, 0)

    def compare(self, *, whole: bool) -> None:
        """Look at what the centre holds."""
        with self.centre.database() as database:
            self.wrong += self.witness.missing(database, self.centre.data / "blobs", whole=whole)

    def finish(self) -> None:
        """See that both sides verify, and that a second desk has the very same."""
        assert self.wrong == []
        assert self.centre.admin("verify")["ok"]
        first, second = Desk(self.door.home), self.centre.desk()
        for desk in (first, second):
            desk.done("sync")
        report = first.done("verify")
        assert report["ok"]
        assert report["heads"] == second.done("verify")["heads"]

    def checkpoint(self) -> None:
        """Have PostgreSQL write everything out, if it can."""
        with contextlib.suppress(Exception), self.centre.database() as database:
            database.execute("CHECKPOINT")


def take(desk: OpenDesk, content: dict[str, Any], scan: bytes) -> None:
    """Take a case in as the window does; a scan belongs to its application form."""
    file = decode_intake(msgspec.json.encode(content))
    ticks = {key: entry.tick(()) for key, entry in file.materials.items()}
    infos: dict[str, FileInfo] = {}
    if scan:
        name = desk.desk.blobs.put(scan)
        infos[name] = FileInfo(media_type="application/pdf", size=len(scan))
        ticks["application"] = file.materials["application"].tick((name,))
    take_in(desk.desk, from_file(file, ticks, infos, ""), documents=False)


def round_told(desk: OpenDesk, run: Callable[[OpenDesk], Any] = run_round) -> str:
    """Run a round; return ``done``, the code of a clear sentence, or what is unclear about the end."""
    try:
        run(desk)
    except DeskError as error:
        sentence, _hint = desk.enrolment.parts.sentences.of(error)
        clear = isinstance(error, Unavailable) and is_sentence(sentence)
        return error.code if clear else f"{UNCLEAR}: {error!r}"
    except Exception as bug:
        return f"{UNCLEAR}: {bug!r}"
    return DONE
