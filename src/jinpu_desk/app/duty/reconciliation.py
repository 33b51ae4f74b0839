"""对账: what a window says it recorded on a day, against what the centre holds of it (DESIGN §1.8, U9).

Both ends draw the same account from the events they have, by the same function; the centre compares the two and
answers with a statement it signs. Green means acknowledged, counted and reconciled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum

import msgspec

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.events import GENESIS, Event, Header, canonical, header_hash
from jinpu_desk.domain.ids import CaseNo, Digest, ReplicaId
from jinpu_desk.domain.instants import local_date
from jinpu_desk.domain.numbering import parse_case_no

MOST = 5000
"""Numbers of a sort that an account names; a window's day holds a tenth of it."""
SHOWN = 20
"""Numbers that a difference names; its counts are always whole."""


class Sort(StrEnum):
    """What is counted."""

    EVENTS = "events"
    CHAIN = "chain"
    CASES = "cases"
    SERIALS = "serials"
    VOIDED = "voided"
    DOCUMENTS = "documents"
    PAPERS = "papers"
    ATTACHMENTS = "attachments"
    ARRIVED = "arrived"

    @property
    def label(self) -> str:
        """Return the Chinese name."""
        return _LABELS[self]


_LABELS = {
    Sort.EVENTS: "记录条数",
    Sort.CHAIN: "记录链",
    Sort.CASES: "收件办件编号",
    Sort.SERIALS: "当日最大流水号",
    Sort.VOIDED: "作废办件",
    Sort.DOCUMENTS: "文号",
    Sort.PAPERS: "出具文书",
    Sort.ATTACHMENTS: "扫描件",
    Sort.ARRIVED: "已传到的扫描件",
}


class Account(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One window's day: own events ``first``..``last`` and what they say. ``arrived`` are attachments at the centre."""

    replica: ReplicaId
    day: date
    first: int
    last: int
    events: int
    hash: Digest  # of the last header; 64 zeros for an empty day
    cases: tuple[str, ...] = ()
    serial: int = 0  # largest of the day's case serials
    voided: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    arrived: tuple[str, ...] = ()


class Difference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the two ends do not agree on: how many each has, and the first that only one of them has."""

    sort: Sort
    here: int
    there: int
    only_here: tuple[str, ...] = ()
    only_there: tuple[str, ...] = ()


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the centre says of a window's day, and signs. ``number`` is that of the window's sheet."""

    replica: ReplicaId
    day: date
    number: CaseNo
    at: int  # UTC ms, by the centre's clock
    epoch: str
    position: int  # end of the feed then
    account: Digest  # of the window's own account
    events: int
    cases: int
    differences: tuple[Difference, ...]

    @property
    def agreed(self) -> bool:
        """Whether both ends say the same."""
        return not self.differences

    def signed(self) -> bytes:
        """The bytes the centre's signature covers."""
        return b"jinpu-reconciliation-v1\n" + canonical(self)


def account_of(replica: ReplicaId, day: date, events: Iterable[Event], arrived: Collection[str]) -> Account:
    """Return the account of a day from a replica's events in order; those of other days are passed over.

    ``arrived`` are the attachments the centre has. A body that was erased, or is of a newer program, counts as an
    event and says nothing.
    """
    found: dict[Sort, dict[str, None]] = {sort: {} for sort in Sort}
    of_day = [event for event in events if day_of(event.header) == day]
    serial = 0
    for event in of_day:
        for sort, text in _said(event):
            found[sort][text] = None
            if sort is Sort.CASES:
                serial = max(serial, _serial(text, day))
    headers = [event.header for event in of_day]
    attachments = _few(found[Sort.ATTACHMENTS])
    return Account(
        replica=replica,
        day=day,
        first=headers[0].seq if headers else 0,
        last=headers[-1].seq if headers else 0,
        events=len(headers),
        hash=header_hash(headers[-1]) if headers else GENESIS,
        cases=_few(found[Sort.CASES]),
        serial=serial,
        voided=_few(found[Sort.VOIDED]),
        documents=_few(found[Sort.DOCUMENTS]),
        papers=_few(found[Sort.PAPERS]),
        attachments=attachments,
        arrived=tuple(sha256 for sha256 in attachments if sha256 in arrived),
    )


def digest_of(account: Account) -> Digest:
    """Return the SHA-256 of an account."""
    return Digest(hashlib.sha256(canonical(account)).hexdigest())


def compared(here: Account, there: Account) -> tuple[Difference, ...]:
    """Return what a window (``here``) and the centre (``there``) do not agree on.

    An attachment that waits to be sent is told as one that has not arrived. An event beyond what the window said is
    none of its day's when it was made later: the caller asks both for the same moment.
    """
    found = []
    plain = (
        (Sort.EVENTS, here.events, there.events),
        (Sort.SERIALS, here.serial, there.serial),
    )
    found += [Difference(sort=sort, here=a, there=b_) for sort, a, b_ in plain if a != b_]
    if (here.first, here.last, here.hash) != (there.first, there.last, there.hash):
        found.append(Difference(sort=Sort.CHAIN, here=here.last, there=there.last))
    lists: Mapping[Sort, tuple[tuple[str, ...], tuple[str, ...]]] = {
        Sort.CASES: (here.cases, there.cases),
        Sort.VOIDED: (here.voided, there.voided),
        Sort.DOCUMENTS: (here.documents, there.documents),
        Sort.PAPERS: (here.papers, there.papers),
        Sort.ATTACHMENTS: (here.attachments, there.attachments),
        Sort.ARRIVED: (here.attachments, there.arrived),
    }
    found += [_difference(sort, *sides) for sort, sides in lists.items() if set(sides[0]) != set(sides[1])]
    return tuple(found)


def day_of(header: Header) -> date:
    """Return the local day of an event, by the clock of who wrote it."""
    return local_date(header.at)


def _difference(sort: Sort, here: tuple[str, ...], there: tuple[str, ...]) -> Difference:
    return Difference(
        sort=sort,
        here=len(here),
        there=len(there),
        only_here=tuple(sorted(set(here) - set(there)))[:SHOWN],
        only_there=tuple(sorted(set(there) - set(here)))[:SHOWN],
    )


def _said(event: Event) -> Iterable[tuple[Sort, str]]:
    header = event.header
    if event.body is None:
        return
    try:
        body = b.decode_body(header.type, header.version, event.body)
    except Refused:
        return
    match body:
        case b.CaseReceived(case_no=number) | b.CaseGuided(case_no=number):
            yield Sort.CASES, number
        case b.CaseVoided():
            yield Sort.VOIDED, header.case
        case b.PaperIssued(doc_no=doc_no, sha256=sha256):
            yield Sort.PAPERS, sha256
            if doc_no:
                yield Sort.DOCUMENTS, doc_no
        case b.PaperReprinted(doc_no=doc_no) if doc_no:
            yield Sort.DOCUMENTS, doc_no
        case b.PagesAttached(sha256=sha256):
            yield Sort.ATTACHMENTS, sha256


def _serial(number: str, day: date) -> int:
    """Return the serial of a case number of that day; a number of another day counts for nothing here."""
    try:
        parsed = parse_case_no(number)
    except Refused:
        return 0
    return parsed.serial if parsed.day == day else 0


def _few(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(found)[:MOST])
