"""The signature or photograph that proves a hand-out, named by path on the command line and kept by content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinpu_desk.app.verbs.proofs import keep_proof
from jinpu_desk.domain.errors import DeskError, Refused

from ..home.inbox import scan_inbox
from ..home.unlocked import OpenDesk

NAMED = "proof_file"
WHERE = f"data.{NAMED}"


def with_proof(desk: OpenDesk, verb: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of ``hand-out`` with the kept picture in place of its path; of other verbs as it is.

    Raises:
        Refused: ``intake.wrong-type``, ``intake.file-missing``, or ``device.scan.…`` when it is no sound picture or PDF.
    """
    if verb != "hand-out" or NAMED not in data:
        return data
    name = data[NAMED]
    if not isinstance(name, str):
        raise Refused("intake.wrong-type", WHERE)
    path = Path(name)
    if not path.is_file():
        raise Refused("intake.file-missing", WHERE, name=name)
    inbox = scan_inbox(desk)
    try:
        page = inbox.import_file(path)
    except DeskError as error:
        error.where = WHERE
        raise
    kept = keep_proof(desk.desk, inbox, page)
    return {key: value for key, value in data.items() if key != NAMED} | {"proof": kept}
