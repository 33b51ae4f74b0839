"""What a new window does with a snapshot, in steps a process of its own can run and be measured by."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.store.snapshot import SCHEMA
from jinpu_desk.store.snapshot_taking import take
from jinpu_desk.sync.snapshot import Download, checked_answer
from jinpu_desk.sync.transport import HttpCentre

from .stores import KEY, open_store, replica

Begun = tuple[float, float]
"""Seconds of wall clock and of processor time."""


def begun(url: str, token: str, centre_key: bytes, epoch: str, home: Path) -> Begun:
    """Fetch and convert as a new window does."""
    incoming = home / "incoming"
    incoming.mkdir()
    start, spent = time.perf_counter(), time.process_time()
    with HttpCentre(url, token) as http:
        answer = http.snapshot()
        manifest = checked_answer(answer, centre_key=centre_key, epoch=epoch, schema=SCHEMA)
        with Download(http, manifest, incoming, _unheard) as part:
            take(part.path, answer.key, home / "desk.db", KEY, reached=manifest.cursor(), ready=part.ready)
    shutil.rmtree(incoming)
    return time.perf_counter() - start, time.process_time() - spent


def looked_at(path: Path, replica_id: str) -> tuple[float, int, float]:
    """Open the store, list and search; return the seconds, what was found, and the most memory (MiB)."""
    start = time.perf_counter()
    store = open_store(path, replica=replica(id=replica_id))
    rows = store.page(CaseQuery(open_only=True)).rows
    hits = store.search(rows[0].applicant_name) + store.search("演示") + store.search(rows[-1].case_no[-8:])
    assert store.case(rows[0].case_id) is not None
    took = time.perf_counter() - start
    store.close()
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return took, len(rows) + len(hits), int(line.split()[1]) / 1024


def _unheard(_done: int, _size: int) -> None:
    pass
