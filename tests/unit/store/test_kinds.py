"""An older program keeps what a newer one wrote, claims to know nothing of it, and shows it after its upgrade."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from msgspec.structs import replace

from jinpu_desk.app.ports.sync import Cursor, FeedItem
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import fold
from jinpu_desk.domain.case import Flag
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import Digest, ReplicaId
from jinpu_desk.store import kinds
from jinpu_desk.store.desk import SqlDeskStore
from samples.cases import CASE, Chain, received
from samples.stores import record

Opener = Callable[..., SqlDeskStore]
ELSEWHERE = ReplicaId("0190000f-0000-7000-8000-0000000000f1")


class Renamed(b.FieldsEdited, frozen=True, kw_only=True):
    """A kind of the next release."""


def upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on as the next release, which knows one kind more."""
    kind = ("case.renamed", 1)
    monkeypatch.setattr(b, "_DECODERS", b._DECODERS | {kind: msgspec.json.Decoder(Renamed)})
    monkeypatch.setattr(fold, "_STEPS", fold._STEPS | {Renamed: fold._STEPS[b.FieldsEdited]})
    monkeypatch.setattr(kinds, "KINDS", b.KINDS | {kind})


def pulled(store: SqlDeskStore, *events: Event) -> None:
    items = [
        FeedItem(position=n, event=event, outcome="applied", reason="") for n, event in enumerate(events, 1)
    ]
    store.sync.absorb(items, Cursor(epoch="演示", position=len(items), hash=Digest("1" * 64)), b"")


def written(monkeypatch: pytest.MonkeyPatch, name: str = "新馆") -> tuple[Event, ...]:
    """Return what a newer desk wrote: a case, a change of a new kind, and a note."""
    chain = Chain(ELSEWHERE)
    with monkeypatch.context() as there:
        there.setattr(b, "_NAMES", b._NAMES | {Renamed: "case.renamed"})
        changed = Renamed(changes={"form.name": ("演示小馆", name)})
        return chain.write(received()), chain.write(changed), chain.write(b.CaseNoted(text="演示"))


def test_what_only_a_newer_program_reads_does_not_count_as_seen(
    store: SqlDeskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulled(store, *written(monkeypatch))
    (event,) = record(store, b.FieldsEdited(changes={"form.name": ("演示小馆", "旧馆")}))
    assert event.header.base == {ELSEWHERE: 1}
    case = store.case(CASE)
    assert case is not None
    assert Flag.UNREAD in case.flags
    assert [moment.type for moment in case.timeline][-2:] == ["case.noted", "case.fields-edited"]


def test_it_is_folded_once_the_program_is_upgraded(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened()
    pulled(store, *written(monkeypatch))
    before = store.row(CASE)
    assert before is not None
    assert before.entity_name == "演示小馆"
    assert "unread" in before.flags
    store.close()
    upgrade(monkeypatch)
    store = opened()
    after = store.row(CASE)
    assert after is not None
    assert after.entity_name == "新馆"
    assert "unread" not in after.flags
    assert store.verify().ok


def test_a_case_that_only_a_newer_program_could_open_appears(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    chain = Chain(ELSEWHERE)
    opening = chain.write(received())
    pulled(store, replace(opening, header=replace(opening.header, version=2)))
    assert store.row(CASE) is None
    store.close()
    kind = ("case.received", 2)
    monkeypatch.setattr(b, "_DECODERS", b._DECODERS | {kind: msgspec.json.Decoder(b.CaseReceived)})
    monkeypatch.setattr(kinds, "KINDS", b.KINDS | {kind})
    assert opened().row(CASE) is not None


def test_opening_again_folds_nothing(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened()
    pulled(store, *written(monkeypatch))
    store.close()
    folded: list[object] = []
    monkeypatch.setattr(kinds, "refold", lambda *given: folded.append(given))
    opened()
    assert folded == []
