"""A snapshot with as many cases as an area has after years, made of a smaller one in minutes.

Every event and every row is copied under ids, numbers, seqs and positions of its own; people and shops are drawn anew,
so that the index of words is as large as life. What a copy says of its case (the body, and with it the chain's hashes)
is the original's, and the cursor stands where it stood: fetching, converting, opening and searching cannot tell,
``verify`` would.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from msgspec.structs import replace
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.files.snapshot_shelf import SnapshotShelf
from jinpu_desk.store.caserows import from_columns
from jinpu_desk.store.terms import words_of
from jinpu_desk.sync.wire_snapshot import SnapshotManifest

from .population import FIRST_DAY, PER_DAY, person, shop

_HOUR = 3_600_000
_INDICES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
_COPY_EVENTS = """
INSERT INTO events (id, replica, seq, case_id, header, body, salt, outcome, position, reason, resolves, signature)
SELECT new_id, replica, new_seq, new_case,
    CAST(replace(replace(replace(CAST(header AS TEXT), '"seq":' || seq, '"seq":' || new_seq),
        id, new_id), case_id, new_case) AS BLOB),
    body, salt, outcome, position + :copy * :events, reason, resolves, signature
FROM (
    SELECT *, seq + :copy * :seqs AS new_seq,
        substr(replica, 1, 24) || printf('%012x', seq + :copy * :seqs) AS new_id,
        substr(case_id, 1, 24) || printf('%012d', CAST(substr(case_id, 25) AS INTEGER) + :copy * :numbers) AS new_case
    FROM events WHERE n <= :last
)
"""


def multiply(
    centre: Centre, shelf: SnapshotShelf, made: SnapshotManifest, database: Path, copies: int
) -> SnapshotManifest:
    """Put a snapshot of ``copies`` times as many cases as ``made``, whose file is ``database``, on the shelf."""
    if copies == 1:
        return made
    id_ = centre.entropy(16).hex()
    draft = database.with_name("multiplied.new")
    connection = sqlcipher.connect(str(draft), isolation_level=None)
    _copy(database, centre.key.snapshot(made.id), connection, centre.key.snapshot(id_))
    _fill(connection, copies, made.events)
    connection.close()
    with draft.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = replace(
        made,
        id=id_,
        size=draft.stat().st_size,
        sha256=digest,
        events=made.events * copies,
        cases=made.cases * copies,
    )
    shelf.keep(manifest, centre.key.sign(manifest.statement()), draft)
    return manifest


def _copy(database: Path, key: bytes, target: Any, own_key: bytes) -> None:
    source = sqlcipher.connect(str(database))
    for connection, secret in ((source, key), (target, own_key)):
        connection.execute(f"PRAGMA key = \"x'{secret.hex()}'\"")
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -256000"):
        target.execute(f"PRAGMA {pragma}")
    source.backup(target)
    source.close()


def _fill(connection: Any, copies: int, events: int) -> None:
    indices = connection.execute(_INDICES).fetchall()
    for name, _ in indices:
        connection.execute(f'DROP INDEX "{name}"')
    last, seqs = connection.execute("SELECT max(n), max(seq) FROM events").fetchone()
    connection.row_factory = sqlcipher.Row
    rows = [dict(row) for row in connection.execute("SELECT * FROM cases ORDER BY n")]
    connection.row_factory = None
    numbers = 1 + max(int(row["case_id"][24:]) for row in rows)
    put = f"INSERT INTO cases VALUES ({', '.join('?' * len(rows[0]))})"
    random = Random(copies)
    connection.execute("BEGIN")
    for copy in range(1, copies):
        sizes = {"copy": copy, "events": events, "seqs": seqs, "numbers": numbers, "last": last}
        connection.execute(_COPY_EVENTS, sizes)
        made = [_case(row, copy * len(rows), copy * numbers, random) for row in rows]
        connection.executemany(put, [tuple(row.values()) for row in made])
        words = [(row["n"], words_of(from_columns(row))) for row in made]
        connection.executemany("INSERT INTO search(rowid, terms) VALUES (?, ?)", words)
    connection.execute("UPDATE heads SET seq = seq + ?", ((copies - 1) * seqs,))
    connection.execute("UPDATE counters SET value = value * ? WHERE name = 'cases'", (copies,))
    for _, statement in indices:
        connection.execute(statement)
    connection.execute("COMMIT")


def _case(row: dict[str, Any], rows: int, numbers: int, random: Random) -> dict[str, Any]:
    number = int(row["case_id"][24:]) + numbers
    station, series, who = row["case_no"][6:8], int(row["case_no"][8:11]), person(random)
    day = FIRST_DAY + timedelta(days=number // PER_DAY)
    return row | {
        "n": row["n"] + rows,
        "case_id": f"{row['case_id'][:24]}{number:012}",
        "case_no": make_case_no("210213", station, series, day, number % PER_DAY + 1),
        "applicant_name": who.name,
        "identity_no": who.id_no,
        "phone": who.phone,
        "entity_name": shop(random, who.name) if row["entity_name"] else "",
        "received_at": row["received_at"] + rows * _HOUR // PER_DAY,
        "last_at": row["last_at"] + rows * _HOUR // PER_DAY,
    }
