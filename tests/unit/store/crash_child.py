"""Takes in cases until it is killed, and prints each number only when it is durable.

For every line on standard input a forked copy starts, so that the imports are paid for once; it prints its process
id first. When it is dead, ``-`` is printed.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId, uuid7
from jinpu_desk.domain.instants import utc
from jinpu_desk.domain.numbering import make_case_no
from samples.cases import CATALOGUE, CLERK, NOON, received
from samples.stores import open_store

DAY = date(2026, 9, 18)


def say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def take_cases(path: Path) -> None:
    store = open_store(path, entropy=os.urandom)
    now = utc(NOON)
    while True:
        with store.transaction() as work:
            number = make_case_no("210213", "03", 2, DAY, work.next_serial(DAY))
            case = CaseId(uuid7(now, os.urandom))
            for body in (received(case_no=number), b.CaseAccepted(accepted_on=DAY)):
                work.record(case, body, actor=CLERK, at=now, catalogue=CATALOGUE)
        say(number)


def main() -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            say(os.getpid())
            take_cases(Path(sys.argv[1]))
        os.waitpid(child, 0)
        say("-")


if __name__ == "__main__":
    main()
