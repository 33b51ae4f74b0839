"""What a long sweep has seen: a line for each point, so that a run that was stopped goes on where it was.

Two variables of the environment divide the work. ``JINPU_SWEEP_SHARD=2/3`` tries the second of three shares of the
points. ``JINPU_SWEEP_RECORD=FILE`` notes each point in ``FILE`` and leaves out those noted there already; the report
tells of all of them. The ledgers of all shares put into one file make a run that tries nothing and reports the whole.
A ledger knows nothing of the program's version: begin a new one after a change.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .traced import Fault

SHARD, RECORD = "JINPU_SWEEP_SHARD", "JINPU_SWEEP_RECORD"


@dataclass(frozen=True)
class Seen:
    """What one point showed: the kind of fault, how the program ended, and everything that was wrong about it."""

    kind: str
    end: str
    wrong: tuple[str, ...] = ()


@dataclass
class Tally:
    """What a sweep saw."""

    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, point: str, seen: Seen) -> None:
        """Count one point."""
        self.ends[seen.kind, seen.end] += 1
        self.wrong += [f"{point}: {problem}" for problem in seen.wrong]

    def report(self) -> str:
        """The lines of the table."""
        kinds = sorted({kind for kind, _ in self.ends})
        return "\n".join(
            f"{kind}: {sum(n for (k, _), n in self.ends.items() if k == kind)} points; "
            + ", ".join(f"{end} {n}" for (k, end), n in sorted(self.ends.items()) if k == kind)
            for kind in kinds
        )


def shard() -> tuple[int, int]:
    """Which share of how many this run is asked to try, counted from 0."""
    part, of = (int(number) for number in os.environ.get(SHARD, "1/1").split("/"))
    assert 1 <= part <= of
    return part - 1, of


def share(points: Sequence[Fault]) -> list[Fault]:
    """The points this run is asked to try: all, or the share the environment names."""
    first, step = shard()
    return list(points[first::step])


def swept(points: Sequence[Fault], try_out: Callable[[Fault], Seen]) -> Tally:
    """Try each point that no ledger knows yet; tally those with what the ledger knows."""
    named = os.environ.get(RECORD)
    ledger = Path(named) if named else None
    known = _read(ledger) if ledger and ledger.exists() else {}
    tally = Tally()
    for name, seen in known.items():
        tally.add(name, seen)
    for point in points:
        if str(point) in known:
            continue
        seen = try_out(point)
        tally.add(str(point), seen)
        if ledger:
            with ledger.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"point": str(point), **asdict(seen)}, ensure_ascii=False) + "\n")
    return tally


def _read(ledger: Path) -> dict[str, Seen]:
    known = {}
    for line in ledger.read_text("utf-8").splitlines():
        noted = json.loads(line)
        known[noted["point"]] = Seen(noted["kind"], noted["end"], tuple(noted["wrong"]))
    return known
