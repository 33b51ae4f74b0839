"""What speaks to the centre from outside: an office with its scope, and each of its requests granted once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from sqlalchemy.engine import Connection

from jinpu_desk.app.intake.file import convert, guard, read_object
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.instants import CHINA
from jinpu_desk.store.centre import offices as store
from jinpu_desk.store.centre.offices import AskedRow, OfficeRow

from ..centre import Centre
from ..events.own import Pen
from ..events.receive import STATES, repeated
from ..reference import Reference
from .offices import actor_of

A = TypeVar("A", bound=msgspec.Struct)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caller:
    """An office at the centre's counter."""

    centre: Centre
    reference: Reference
    office: OfficeRow

    def today(self) -> dt.date:
        """Return the local date."""
        return self.centre.clock.now().astimezone(CHINA).date()


def read_told(raw: bytes, kind: type[T]) -> T:
    """Read what an office says. Raises Refused ``intake.…``, ``where`` being the JSON path."""
    tree = read_object(raw)
    guard(tree)
    return convert(tree, kind, "")


def once(
    caller: Caller,
    kind: str,
    key: str,
    told: msgspec.Struct,
    answer: type[A],
    work: Callable[[Connection, Pen], tuple[CaseId, A]],
) -> A:
    """Do ``work`` and remember its answer, in one transaction; the same request again gets that answer.

    Raises:
        Refused: ``outside.different`` when the office used ``key`` for something else; and what ``work`` raises,
            after which nothing is remembered, so that the request may be mended and sent again.
    """
    digest = hashlib.sha256(msgspec.json.encode(told, order="sorted")).digest()

    def granted(connection: Connection) -> A:
        pen = Pen(
            caller.centre, connection, actor_of(caller.office)
        )  # others wait here, also those who ask the same
        held = store.asked(connection, caller.office.name, kind, key)
        if held is not None:
            if held.digest != digest:
                raise Refused("outside.different", key, key=key)
            return msgspec.json.decode(held.answer, type=answer)
        case_id, made = work(connection, pen)
        row = AskedRow(digest=digest, case_id=case_id, answer=msgspec.json.encode(made))
        store.keep_asked(connection, caller.office.name, kind, key, row, caller.centre.now())
        return made

    return repeated(caller.centre.engine.begin, granted)


def folded(connection: Connection, case_id: str) -> Case | None:
    """Return a case as the centre has folded it."""
    raw = store.state_of(connection, case_id)
    return STATES.decode(raw).case if raw is not None else None
