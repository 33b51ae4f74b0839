"""A fault at every call of one intake: what must hold after each, and how many points were tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from samples.programs import is_sentence

from .traced import Call, Ended, Fault, WarmDesk, put_back

KILL, FULL, BROKEN = "signal=KILL", "error=ENOSPC", "error=EIO"
KINDS = ((KILL, False), (FULL, False), (FULL, True), (BROKEN, False), (BROKEN, True))
_NAMES = {KILL: "kill -9", FULL: "disk full", BROKEN: "I/O error"}


@dataclass
class Bench:
    """One desk that is put back to where it was before each point."""

    warm: WarmDesk
    pristine: Path
    sandbox: Path  # holds ``home`` and ``out``
    file: Path
    next_file: Path
    clock: str

    @property
    def home(self) -> Path:
        """The desk's home."""
        return self.sandbox / "home"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The intake that is swept: a case with a scan and its papers written to files."""
        return "intake", str(self.file), "--out", str(self.sandbox / "out")

    def reset(self) -> None:
        """Put the desk back."""
        put_back(self.pristine, self.sandbox / "home")
        for paper in (self.sandbox / "out").iterdir():
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


@dataclass
class Tally:
    """What a sweep saw."""

    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, fault: Fault, ended: Ended, after: Ended, bench: Bench) -> None:
        """Judge one point."""
        kind = _NAMES[fault.what.split(":")[0]] + (", for good" if fault.sticky else "")
        self.ends[kind, _how(ended)] += 1
        self.wrong += [f"{fault}: {problem}" for problem in judged(fault, ended, after, bench)]

    def report(self) -> str:
        """The lines of the table."""
        kinds = sorted({kind for kind, _ in self.ends})
        return "\n".join(
            f"{kind}: {sum(n for (k, _), n in self.ends.items() if k == kind)} points; "
            + ", ".join(f"{end} {n}" for (k, end), n in sorted(self.ends.items()) if k == kind)
            for kind in kinds
        )


def points(calls: Iterable[Call]) -> Iterator[Fault]:
    """Every fault at every call."""
    for call in calls:
        for what, sticky in KINDS:
            yield Fault(call, what, sticky)


def _how(ended: Ended) -> str:
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
    yield from _spoken(ended, mute=mute)
    if after.finished.code != 0 or after.killed:
        yield f"the home does not open again: {after.finished}"
        return
    (seen,) = after.results
    if seen["problems"]:
        yield f"verify: {seen['problems']}"
    if seen["next"] in seen["cases"] or seen["next"] in {result["case_no"] for result in ended.results}:
        yield f"number {seen['next']} given twice"
    for result in ended.results:
        case = seen["cases"].get(result["case_no"])
        if case is None:
            yield "printed and lost"
        elif case["status"] != result["status"] or case["papers"] != ["D1", "D2"] or not case["attachments"]:
            yield f"printed and not whole: {case}"
        elif not all(Path(paper["path"]).read_bytes().startswith(b"%PDF") for paper in result["documents"]):
            yield "a paper's file is not there"
    if len(seen["cases"]) > 1:
        yield f"taken in twice: {seen['cases']}"
    if (
        ended.finished.code == 3
        and not mute
        and not all(number in ended.finished.err for number in seen["cases"])
    ):
        yield f"told that nothing was saved, and it was: {ended.finished.err.strip()}"
    half = [path for path in bench.home.rglob("*") if path.name.endswith(".new")]
    if half:
        yield f"left behind: {sorted(_kind(path, bench) for path in half)}"


def _kind(path: Path, bench: Bench) -> str:
    return path.relative_to(bench.sandbox).as_posix()


def _spoken(ended: Ended, *, mute: bool) -> Iterator[str]:
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
