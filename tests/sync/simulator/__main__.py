"""Replay: ``python -m sync.simulator SEED [VARIANT]`` from the folder ``tests`` prints the trace of a history."""

from __future__ import annotations

import sys

from .checks import Violation
from .history import Unsafe, stage
from .plan import draw


def main(seed: int, variant: Unsafe) -> int:
    """Play one history and print its plan and its trace; 1 when an invariant does not hold."""
    plan = draw(seed)
    print(plan)
    with stage(plan, variant) as history:
        try:
            history.play()
        except Violation as violation:
            print(*history.trace, violation, sep="\n")
            return 1
        print(*history.trace, history.digest, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Unsafe()))
