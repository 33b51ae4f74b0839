"""What a citizen is told of a case at each point of the procedure, and that it names nobody."""

from __future__ import annotations

from datetime import date

import pytest

from jinpu_desk.app.project import CaseProjector
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.calendar import WorkCalendar
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.fold import fold
from jinpu_desk.server.progress.page import showing
from jinpu_desk.server.progress.steps import Reached, Standing, Tone, standing_of
from samples.cases import Chain, received

DAY = date(2026, 9, 18)
CORRECTION = b.CorrectionNoticed(
    faults=(b.Fault(material="layout", problem="演示甲的图不清"),), correct_by=date(2026, 9, 30)
)
ACCEPTED = b.CaseAccepted(accepted_on=DAY)


def standing(*said: b.Body) -> Standing:
    chain = Chain()
    case = fold([chain.write(body) for body in (received(), *said)])
    assert isinstance(case, Case)
    return standing_of(case, CaseProjector(WorkCalendar())(case))


@pytest.mark.parametrize(
    ("said", "headline", "tone", "steps"),
    [
        ((), "已收件", Tone.CALM, "[收件] 受理 作出决定 送达"),
        ((CORRECTION,), "待补正", Tone.ACT, "收件 [补正告知] 补正材料收到 受理 作出决定 送达"),
        ((ACCEPTED,), "已受理", Tone.CALM, "收件 [受理] 作出决定 送达"),
        (
            (ACCEPTED, b.ClockPaused(start=DAY, reason="inspection", approver="演示")),
            "暂停计时",
            Tone.CALM,
            "收件 受理 [暂停计时] 作出决定 送达",
        ),
    ],
)
def test_each_point_has_its_words_and_one_current_step(
    said: tuple[b.Body, ...], headline: str, tone: Tone, steps: str
) -> None:
    told = standing(*said)
    assert (told.headline, told.tone) == (headline, tone)
    shown = [f"[{s.name}]" if s.reached is Reached.NOW else s.name for s in told.steps]
    assert " ".join(shown) == steps
    assert all((step.on is None) == (step.reached is Reached.LATER) for step in told.steps)


def test_what_has_to_be_brought_says_by_when_and_whose_it_is_stays_unsaid() -> None:
    told = standing(CORRECTION)
    assert told.duties == ("请在 2026年9月30日 前补齐。",)
    page = showing("210213030022026112300011", "小餐饮经营许可", told, 0)
    for personal in ("演示甲", "13900000000", "210213199003070016", "演示小馆", "图不清"):
        assert personal not in page
    assert len(page.encode()) < 15_000


def test_an_accepted_case_has_its_promised_day() -> None:
    assert standing(ACCEPTED).due.startswith("2026年9月")
    assert standing().due == ""
