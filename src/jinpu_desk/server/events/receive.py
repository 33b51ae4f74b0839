"""Takes pushed events in: every one stored, each with exactly one outcome, in one transaction (DESIGN §4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TypeVar

import msgspec
import psycopg
import sqlalchemy as sa

from jinpu_desk.app.ports.sync import DUPLICATE, Settled
from jinpu_desk.domain.errors import Refused, Unavailable
from jinpu_desk.domain.events import Header, verify_body
from jinpu_desk.domain.ids import Digest, EventId
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.events import CaseAppeared, CaseRecord, NewEvent, ReplicaHead
from jinpu_desk.sync.wire import PUSH_LIMIT, Push, PushAnswer, Read, feed_hash, read

from ..keys import signed_by
from .judge import CaseState, Other, Verdict, has_unseen, judge, others_from, parked
from .log import CentreLog, Ledger

S = TypeVar("S")
T = TypeVar("T")
BASE_MISSING = "sync.base-missing"
"""Why an event is parked that builds on events of others nobody gave back to a restored centre."""
OUTCOME_LOST = "sync.outcome-lost"
"""Why an event is parked that may build on an outcome which the centre gave before it was restored."""
_JUDGED = ("case.", "conflict.", "fold.")
"""How reasons begin that come of what else counts in the case, not of the event alone."""
_ATTEMPTS = 6
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TYPE = re.compile(r"[a-z][a-z0-9.-]{0,63}")
_LATEST = 2**53
STATES = msgspec.json.Decoder(CaseState)
"""Reads ``case_state.state``."""


def open_push(replica: registry.ReplicaRow, push: Push) -> list[Read]:
    """Return the events of a push, proven to be a run of that replica's own signed chain.

    Raises:
        Refused: ``sync.push-size``, ``sync.bad-header``, ``chain.replica``, ``chain.gap``, ``chain.prev``,
            ``chain.body``, ``sync.bad-head`` or ``sync.bad-signature``.
    """
    if not 1 <= len(push.events) <= PUSH_LIMIT:
        raise Refused("sync.push-size", "events", size=len(push.events), limit=PUSH_LIMIT)
    opened = [read(sent.header, sent.body, sent.salt) for sent in push.events]
    for index, one in enumerate(opened):
        header = one.event.header
        _check_header(header, replica.id, index)
        verify_body(one.event)
        if index:
            before = opened[index - 1]
            if header.seq != before.event.header.seq + 1:
                raise Refused("chain.gap", header.id, seq=header.seq, expected=before.event.header.seq + 1)
            if header.prev != before.hash:
                raise Refused("chain.prev", header.id, seq=header.seq)
    last = opened[-1]
    head = push.head
    if (head.replica, head.seq, head.hash) != (replica.id, last.event.header.seq, last.hash):
        raise Refused("sync.bad-head", "head", seq=head.seq)
    if not signed_by(replica.public_key, head.statement(), push.signature):
        raise Refused("sync.bad-signature", "signature")
    return opened


def _check_header(header: Header, replica_id: str, index: int) -> None:
    place = f"events[{index}]"
    if header.replica != replica_id:
        raise Refused("chain.replica", place, seq=header.seq)
    sound = (
        _ID.fullmatch(header.id)
        and _ID.fullmatch(header.case)
        and _TYPE.fullmatch(header.type)
        and 0 < header.seq < _LATEST
        and 0 <= header.at < _LATEST
        and 0 < len(header.actor) <= 64
        and header.actor.isprintable()
    )
    if not sound:
        raise Refused("sync.bad-header", place, problem="value")


def take_in(
    ledger: Ledger, replica_id: str, opened: Sequence[Read], signature: bytes, now: int
) -> PushAnswer:
    """Store the events of an opened push and answer each with its outcome; known ones with the one they had.

    ``signature`` is the writer's, of the head at the last of them; it is kept, so that others can hand the events in
    again to a centre that lost them.

    Raises:
        Refused: ``sync.fork`` when the centre holds another event at one of these places, ``sync.gap`` (with
            ``expected``) when events before them are missing.
        Unavailable: ``server.busy`` when other replicas were in the way every time.
    """
    return repeated(ledger.write, lambda log: Intake(log, replica_id, now).run(opened, signature))


def repeated(begin: Callable[[], AbstractContextManager[S]], work: Callable[[S], T]) -> T:
    """Do ``work`` in one transaction, again when another replica was in the way.

    Raises Unavailable ``server.busy`` when that was so every time.
    """
    for _attempt in range(_ATTEMPTS):
        try:
            with begin() as transaction:
                return work(transaction)
        except CaseAppeared:
            continue
        except sa.exc.OperationalError as error:
            if not _worth_repeating(error.orig):
                raise
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
            continue
    raise Unavailable("server.busy")


def _worth_repeating(error: BaseException | None) -> bool:
    return isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure)


class Intake:
    """Takes events in inside a transaction: locks replica, then cases, then the feed's counter; always in this order.

    ``known_actors`` are people and offices the caller vouches for beside the users of the centre.
    """

    def __init__(self, log: CentreLog, replica_id: str, now: int, known_actors: Collection[str] = ()) -> None:
        """Take events of one replica in at the instant ``now`` (UTC ms)."""
        self._log = log
        self._replica = replica_id
        self._now = now
        self._known_actors = frozenset(known_actors)

    def run(self, opened: Sequence[Read], signature: bytes) -> PushAnswer:
        """Store, judge and answer the events of an opened push; raises as ``take_in`` does."""
        head = self._log.lock_replica(self._replica)
        known = self._known(opened, head)
        fresh = opened[len(known) :]
        if not fresh:
            return PushAnswer(outcomes=known, seq=head.seq)
        first = fresh[0].event.header
        if first.seq != head.seq + 1:
            raise Refused("sync.gap", "events[0]", seq=first.seq, expected=head.seq + 1)
        if bytes.fromhex(first.prev) != head.hash:
            raise Refused("sync.fork", "events[0]", replica=self._replica, seq=first.seq)
        verdicts = self._judge(fresh)
        settled = self._append(fresh, verdicts, signature)
        return PushAnswer(outcomes=[*known, *settled], seq=fresh[-1].event.header.seq)

    def _known(self, opened: Sequence[Read], head: ReplicaHead) -> list[Settled]:
        again = [one for one in opened if one.event.header.seq <= head.seq]
        if not again:
            return []
        first, last = again[0].event.header.seq, again[-1].event.header.seq
        settled = []
        for one, held in zip(again, self._log.known(self._replica, first, last), strict=True):
            if bytes.fromhex(one.hash) != held.hash:
                raise Refused("sync.fork", one.event.header.id, replica=self._replica, seq=held.seq)
            settled.append(_settled(one.event.header, held.position, held.outcome, held.reason))
        return settled

    def _judge(self, fresh: Sequence[Read]) -> list[Verdict]:
        headers = [one.event.header for one in fresh]
        cases = {header.case for header in headers}
        held = self._log.lock_cases(cases)
        states = {case_id: STATES.decode(raw) for case_id, raw in held.items()}
        copies = self._log.copies(cases, self._replica)
        others = self._others(headers, states, copies)
        verdicts, changed = [], set()
        for one in fresh:
            header = one.event.header
            state = states.get(header.case, CaseState())
            if copies.get(header.id):
                verdict = Verdict("dead", DUPLICATE, state)
                # What follows it in this chain knew it, though it hangs in another.
                others[header.case] = [o for o in others.get(header.case, ()) if o.id != header.id]
            else:
                verdict = judge(state, header, one.event.body, others.get(header.case, ()))
                verdict = self._excused(verdict, header, one.event.body)
            if verdict.state is not state:
                states[header.case] = verdict.state
                changed.add(header.case)
            verdicts.append(verdict)
        records = [_record(case_id, states[case_id], self._now) for case_id in sorted(changed)]
        self._log.insert_cases([r for r in records if r.case_id not in held])
        self._log.update_cases([r for r in records if r.case_id in held])
        return verdicts

    def _excused(self, verdict: Verdict, header: Header, raw: bytes | None) -> Verdict:
        """Park what may be impossible only because the centre lost something that its author knew of.

        That is what others wrote and nobody gave back, or an outcome: what was set aside then may count now.
        """
        if verdict.outcome != "dead" or raw is None:
            return verdict
        if self._base_missing(header):
            return parked(verdict.state, header, raw, f"{BASE_MISSING} {verdict.reason}")
        if verdict.reason.startswith(_JUDGED) and self._ever_restored:
            return parked(verdict.state, header, raw, f"{OUTCOME_LOST} {verdict.reason}")
        return verdict

    @cached_property
    def _ever_restored(self) -> bool:
        """Asked once a push: two queries for each event that is dead cost more than all else."""
        return self._log.ever_restored()

    def _base_missing(self, header: Header) -> bool:
        held = self._log.heads_of(header.base) if header.base else {}
        return any(seq > held.get(replica, 0) for replica, seq in header.base.items())

    def _others(
        self, headers: Sequence[Header], states: dict[str, CaseState], copies: dict[str, bool]
    ) -> dict[str, list[Other]]:
        contested = {h.case for h in headers if h.case in states and has_unseen(states[h.case], h)}
        others: dict[str, list[Other]] = {}
        if contested:
            for row in self._log.counted_of_others(contested, self._replica):
                found = others_from([(row.replica, row.seq, row.header, row.body)])
                known = [other for other in found if copies.get(other.id) is not False]
                others.setdefault(row.case_id, []).extend(known)
        return others

    def _append(self, fresh: Sequence[Read], verdicts: Sequence[Verdict], signature: bytes) -> list[Settled]:
        flags = self._flags({str(one.event.header.actor) for one in fresh} - self._known_actors)
        counter = self._log.take_counter()
        position, chain = counter.position, Digest(counter.hash.hex())
        rows, settled = [], []
        for one, verdict in zip(fresh, verdicts, strict=True):
            event, header = one.event, one.event.header
            position += 1
            reason = verdict.reason.replace("\0", "")
            chain = feed_hash(chain, position, one.hash, verdict.outcome, reason)
            rows.append(
                NewEvent(
                    position=position,
                    replica=self._replica,
                    seq=header.seq,
                    id=header.id,
                    case_id=header.case,
                    outcome=verdict.outcome,
                    hash=bytes.fromhex(one.hash),
                    feed_hash=bytes.fromhex(chain),
                    header=one.header,
                    body=event.body,
                    salt=event.salt,
                    reason=reason,
                    flag=flags.get(header.actor, ""),
                    arrived_at=self._now,
                    signature=signature if one is fresh[-1] else None,
                )
            )
            settled.append(_settled(header, position, verdict.outcome, reason))
        self._log.append(rows)
        return settled

    def _flags(self, actors: set[str]) -> dict[str, str]:
        """Return why the events of some of these people need a look: revoked, or unknown here."""
        standing = self._log.standing(actors)
        flags = {name: "sync.revoked-clerk" for name, revoked in standing.items() if revoked}
        return flags | dict.fromkeys(actors - standing.keys(), "sync.unknown-clerk")


def _settled(header: Header, position: int, outcome: str, reason: str) -> Settled:
    return Settled(
        id=EventId(header.id),
        seq=header.seq,
        position=position,
        outcome=outcome,  # type: ignore[arg-type]  # one of schema.OUTCOMES
        reason=reason,
    )


def _record(case_id: str, state: CaseState, now: int) -> CaseRecord:
    case = state.case
    return CaseRecord(
        case_id=case_id,
        case_no=_plain(case.case_no) if case else "",
        query_code=_plain(case.query_code) if case else "",
        item_name=_plain(case.terms.item_name) if case else "",
        status=int(case.status) if case else 0,
        last_at=now,
        state=msgspec.json.encode(state),
        item=_plain(case.item) if case else "",
    )


def _plain(text: str) -> str:
    """PostgreSQL text holds every character but U+0000."""
    return text.replace("\0", "")
