"""Whatever happens to slips, somebody has the papers, and only a lawful step moves them."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.domain import bodies_after as b
from jinpu_desk.domain import fold, rules
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo, ClerkId
from samples.cases import Chain, received

DAY = date(2026, 11, 23)
PLACES = ("审批科", "档案室", "综合窗口")
steps = st.lists(
    st.one_of(
        st.tuples(st.just("on"), st.sampled_from(PLACES)),
        st.tuples(st.just("take"), st.integers(0, 4)),
        st.tuples(st.just("back"), st.integers(0, 4)),
    ),
    max_size=14,
)


def slip(number: int) -> CaseNo:
    return CaseNo(f"{number:024}")


@given(steps)
def test_the_holder_follows_the_signatures(history: list[tuple[str, str | int]]) -> None:
    pen = Chain()
    case = fold.fold([pen.write(received())])
    assert case is not None
    holder, moving, target, written = "", False, "", 0
    for step, value in history:
        if step == "on":
            body: b.HolderBody = b.HandedOn(
                slip=slip(written), origin=holder, target=str(value), items=1, pages=1, handed_on=DAY
            )
            lawful = not moving
        else:
            body = b.TakenOver(
                slip=slip(int(value)), receiver="演示己", taken_on=DAY, returned=step == "back"
            )
            lawful = moving and int(value) == written - 1
        try:
            rules.check(case, ClerkId("演示"), body)
        except Refused:
            assert not lawful
            continue
        assert lawful
        case = fold.apply(case, pen.write(body))
        if step == "on":
            moving, target, written = True, str(value), written + 1
        else:
            moving, holder = False, holder if step == "back" else target
        assert (case.holder, case.on_the_way) == (holder, moving)
        assert case.slip == slip(written - 1)
        assert ("on-the-way" in case.flags) is moving
