"""Cases are found by address and by registered place, along an index, and only while they take the place up."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from jinpu_desk.app.intake.places import address_key
from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.store.desk import SqlDeskStore
from jinpu_desk.store.lists import conditions
from jinpu_desk.store.schema import cases
from samples.cases import received
from samples.stores import record

ADDRESS = "演示路 18 号"
FORM = {"name": "演示小馆", "address": ADDRESS, "cluster_place": "place-01"}


def case_id(n: int) -> CaseId:
    return CaseId(f"01900000-0000-7000-8000-{n:012x}")


def test_refused_and_withdrawn_cases_leave_their_place(store: SqlDeskStore) -> None:
    for n, ended in enumerate((None, b.CaseRefused(reason="演示"), b.CaseWithdrawn(reason="演示"))):
        opening = received(case_no=f"21021300001202609180{n:04d}", form=FORM)
        record(store, opening, *([ended] if ended else []), case=case_id(n))
    everywhere, standing = CaseQuery(place="place-01"), CaseQuery(place="place-01", standing=True)
    assert (store.count(everywhere), store.count(standing)) == (3, 1)
    there = CaseQuery(address=address_key("演示路１８号"), standing=True)
    assert [row.case_id for row in store.page(there).rows] == [case_id(0)]
    assert store.count(CaseQuery(address=address_key("演示路 19 号"))) == 0
    assert store.verify().ok


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (CaseQuery(address="x", standing=True, top_only=True), "ix_cases_address"),
        (CaseQuery(place="x", standing=True, top_only=True), "ix_cases_place"),
    ],
)
def test_neither_walks_the_whole_table(store: SqlDeskStore, query: CaseQuery, index: str) -> None:
    asked = sa.select(cases.c.n).where(*conditions(query))
    with store._engine.read() as connection:
        words = str(asked.compile(connection.engine, compile_kwargs={"literal_binds": True}))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}").all()
    assert any(index in str(step) for step in plan), plan
