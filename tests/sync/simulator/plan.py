"""What one history is made of: drawn from its seed, so that the seed alone tells it again.

Most histories are small and each meets only some kinds of faults, so that every mixture comes up (swarm testing).
"""

from __future__ import annotations

from random import Random

import msgspec

_KINDS = ("drop", "lose", "repeat", "late", "crash", "centre_crash", "slow", "full", "partition", "jump")
_RARE = ("rewind", "clone", "restore", "skew")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Rates are per call or storage step; ``length`` is in simulated ms."""

    seed: int
    desks: int
    acts: int
    cases: int
    length: int
    drop: float = 0.0  # the request never arrives
    lose: float = 0.0  # its answer never arrives
    repeat: float = 0.0  # the request arrives twice
    late: float = 0.0  # the second copy, or the request itself, arrives much later
    crash: float = 0.0  # a desk loses its power at this step
    centre_crash: float = 0.0
    slow: float = 0.0  # a step takes long enough for others to come in between
    full: int = 0  # disks that run full for a while
    partition: int = 0  # desks cut off for a while
    jump: int = 0  # clocks that are set wrong
    rewind: int = 0  # times the centre is put back to an older state
    clone: int = 0  # homes that are copied and run twice
    restore: int = 0  # desks put back to an older database or home
    skew: bool = False  # some machines run a newer program; some of the others are upgraded some time
    push_limit: int = 500
    feed_limit: int = 2000


def draw(seed: int) -> Plan:
    """Return the history of ``seed``."""
    random = Random(seed)
    size = random.random()
    desks = 3 if size < 0.8 else random.randint(4, 6) if size < 0.97 else random.randint(7, 12)
    chosen = {kind for kind in _KINDS if random.random() < 0.4}
    chosen |= {kind for kind in _RARE if random.random() < 0.2}

    def rate(kind: str, most: float) -> float:
        return random.uniform(most / 5, most) if kind in chosen else 0.0

    return Plan(
        seed=seed,
        desks=desks,
        acts=random.randint(3, 11) + desks,
        cases=random.choice((1, 1, 2, 2, 3)),
        length=random.randint(15_000, 60_000),
        drop=rate("drop", 0.3),
        lose=rate("lose", 0.3),
        repeat=rate("repeat", 0.3),
        late=rate("late", 0.2),
        crash=rate("crash", 0.04),
        centre_crash=rate("centre_crash", 0.06),
        slow=rate("slow", 0.3),
        full=random.randint(1, 2) if "full" in chosen else 0,
        partition=random.randint(1, 2) if "partition" in chosen else 0,
        jump=random.randint(1, 2) if "jump" in chosen else 0,
        rewind=random.choice((1, 1, 2)) if "rewind" in chosen else 0,
        clone=random.choice((1, 1, 2)) if "clone" in chosen else 0,
        restore=random.choice((1, 1, 2)) if "restore" in chosen else 0,
        skew="skew" in chosen,
        push_limit=random.choice((2, 3, 500)),
        feed_limit=random.choice((10, 12, 2000)),
    )
