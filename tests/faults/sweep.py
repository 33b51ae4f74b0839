"""A fault at every call of one intake: what must hold after each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samples.programs import TrainingCentre, is_sentence

from .ledger import Seen
from .traced import Call, Ended, Fault, WarmDesk, put_back

KILL, FULL, BROKEN = "signal=KILL", "error=ENOSPC", "error=EIO"
KINDS = ((KILL, False), (FULL, False), (FULL, True), (BROKEN, False), (BROKEN, True))
_NAMES = {KILL: "kill -9", FULL: "disk full", BROKEN: "I/O error"}
_CASE_NO = re.compile(r"(?<![0-9a-f])\d{24}(?![0-9a-f])")  # not a stretch of digits within a hash


@dataclass
class Bench:
    """One desk that is put back to where it was before each point."""

    warm: WarmDesk
    centre: TrainingCentre
    pristine: Path
    sandbox: Path  # holds ``home`` and ``out``
    file: Path
    next_file: Path
    clock: str
    before: dict[str, Any] = field(default_factory=dict)
    """The cases of the pristine home by number, as ``inspection`` sees them: some sent, some that wait."""

    @property
    def home(self) -> Path:
        """The desk's home."""
        return self.sandbox / "home"

    @property
    def out(self) -> Path:
        """Where the papers go."""
        return self.sandbox / "out"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The intake that is swept: a case with a scan and its papers written to files."""
        return "intake", str(self.file), "--out", str(self.out)

    def reset(self) -> None:
        """Put the desk back."""
        put_back(self.pristine, self.sandbox / "home")
        for paper in self.out.iterdir():
            paper.unlink()

    def calls(self) -> list[Call]:
        """Count: every call of the intake that writes."""
        self.reset()
        return self.warm.count(self.home, *self.arguments, within=self.sandbox, JINPU_CLOCK=self.clock)

    def hit(self, fault: Fault) -> Ended:
        """Run the intake with one fault."""
        self.reset()
        return self.warm.run_with(fault, self.home, *self.arguments, JINPU_CLOCK=self.clock)

    def look(self) -> Ended:
        """Look at the home without any fault, and take the next case in."""
        return self.warm.inspect(self.home, self.next_file, JINPU_CLOCK=self.clock)

    def try_out(self, fault: Fault) -> Seen:
        """One point: the fault, then a look."""
        ended = self.hit(fault)
        return Seen(kind(fault), how(ended), tuple(judged(fault, ended, self.look(), self)))


def points(calls: Iterable[Call]) -> Iterator[Fault]:
    """Every fault at every call."""
    for call in calls:
        for what, sticky in KINDS:
            yield Fault(call, what, sticky)


def kind(fault: Fault) -> str:
    """Name the kind of a fault."""
    return _NAMES[fault.what] + (", for good" if fault.sticky else "")


def how(ended: Ended) -> str:
    """Say in a few words how a run ended."""
    if ended.results:
        return "printed" + (" and killed" if ended.killed else f", exit {ended.finished.code}")
    return "killed" if ended.killed else f"exit {ended.finished.code} {_code(ended)}"


def _code(ended: Ended) -> str:
    try:
        return ended.finished.complaint["code"]
    except (AssertionError, ValueError):
        return "without a sentence"


def judged(fault: Fault, ended: Ended, after: Ended, bench: Bench) -> Iterator[str]:
    """Yield what is wrong about one point (I1, I2, I4, exit codes of the contract)."""
    mute = fault.call.name == "write" and fault.sticky
    yield from struck(fault, ended)
    yield from spoken(ended, mute=mute)
    if after.finished.code != 0 or after.killed:
        yield f"the home does not open again: {after.finished}"
        return
    (seen,) = after.results
    if seen["problems"]:
        yield f"verify: {seen['problems']}"
    new = {number: case for number, case in seen["cases"].items() if number not in bench.before}
    yield from kept(bench.before, seen["cases"])
    yield from _promised(ended, new)
    told = {paper.name[:24] for paper in bench.out.glob("*.pdf")}
    told.update(_CASE_NO.findall(ended.finished.out + ended.finished.err))
    if not told <= set(new):
        yield f"a number on paper or on the screen that no case has: {told - set(new)}"
    if seen["next"] in seen["cases"] or seen["next"] in told:
        yield f"number {seen['next']} given twice"
    if len(new) > 1:
        yield f"taken in twice: {new}"
    unsaid = [number for number in new if number not in ended.finished.err]
    if ended.finished.code == 3 and not mute and unsaid and not _may_not_know(fault, ended):
        yield f"told that nothing was saved, and it was: {ended.finished.err.strip()}"
    half = [path for path in bench.home.rglob("*") if path.name.endswith(".new")]
    if half:
        yield f"left behind: {sorted(path.relative_to(bench.sandbox).as_posix() for path in half)}"


def struck(fault: Fault, ended: Ended) -> Iterator[str]:
    """Yield that a fault hit nothing or something else, for then nothing was tried."""
    if ended.struck != fault.call.about:
        yield f"struck {ended.struck or 'nothing'} instead of {fault.call.about}"


def _may_not_know(fault: Fault, ended: Ended) -> bool:
    """Tell whether the program said that it does not know, where the disk failed to confirm a commit."""
    return fault.call.name in {"fsync", "fdatasync"} and _code(ended) == "store.unsure"


def kept(before: dict[str, Any], cases: dict[str, Any]) -> Iterator[str]:
    """Yield what happened to cases that were there before."""
    for number, case in before.items():
        if cases.get(number) != case:
            yield f"an earlier case was {case}, is {cases.get(number)}"


def _promised(ended: Ended, new: dict[str, Any]) -> Iterator[str]:
    """Yield what was printed and is not so; every event of a new case must still wait for the centre."""
    for number, case in new.items():
        if not 0 < case["events"] == case["pending"]:
            yield f"events of {number} that would never be sent: {case}"
    for result in ended.results:
        case = new.get(result["case_no"])
        if case is None:
            yield "printed and lost"
        elif case["status"] != result["status"] or case["papers"] != ["D1", "D2"] or not case["attachments"]:
            yield f"printed and not whole: {case}"
        elif len(result["documents"]) != 2 or not all(map(_whole_pdf, result["documents"])):
            yield "a paper's file is not there"


def _whole_pdf(paper: dict[str, str]) -> bool:
    path = Path(paper["path"])
    raw = path.read_bytes() if path.is_file() else b""
    return raw.startswith(b"%PDF") and raw.rstrip().endswith(b"%%EOF")


def spoken(ended: Ended, *, mute: bool) -> Iterator[str]:
    """Yield what is wrong about what the program said; ``mute`` when it could not even write to its outputs."""
    code, said = ended.finished.code, ended.finished.err
    if ended.killed:
        if said:
            yield f"killed, and said {said!r}"
    elif code == 0:
        if said or len(ended.results) != 1:
            yield f"well, and said {said!r}"
    elif code != 3:
        yield f"exit {code}: {said[-600:]}"
    elif mute:
        return
    else:
        try:
            message = ended.finished.complaint["message"]
        except (AssertionError, ValueError):
            yield f"no error line: {said[-600:]}"
            return
        if not is_sentence(message):
            yield f"no sentence: {message}"
