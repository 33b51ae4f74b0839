"""The progress page as a citizen sees it: a real browser without scripts, on a phone and on a desktop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.domain.numbering import make_case_no
from jinpu_desk.server.centre import Centre
from samples.browser import Page, browser
from samples.cases import received
from samples.centres import Window, address, centre, database, postgres

__all__ = ["address", "centre", "database", "postgres"]

CODE = "123456"
DAY = date(2026, 9, 18)
SIZES = ((360, 740), (1280, 800))


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as page:
        yield page


@pytest.fixture
def numbers(centre: Centre) -> dict[str, str]:
    """Cases at several points of the procedure, by what is to be seen of them."""
    window = Window(centre)
    made: dict[str, str] = {}
    correction = b.CorrectionNoticed(
        faults=(b.Fault(material="layout", problem="演示甲的布局图不清"),), correct_by=date(2026, 9, 30)
    )
    histories: dict[str, tuple[b.Body, ...]] = {
        "已收件": (),
        "待补正": (correction,),
        "已受理": (b.CaseAccepted(accepted_on=DAY),),
    }
    for serial, (headline, more) in enumerate(histories.items(), start=1):
        number = make_case_no("210213", "03", 2, DAY, serial)
        case = CaseId(f"01900000-0000-7000-8000-00000000d{serial:03}")
        outcomes = window.say(received(case_no=number), *more, case=case)
        assert {each.outcome for each in outcomes} == {"applied"}
        made[headline] = number
    return made


@pytest.mark.parametrize("size", SIZES)
def test_it_shows_a_case_without_a_script_and_fits_the_screen(
    page: Page, address: str, numbers: dict[str, str], size: tuple[int, int]
) -> None:
    page.resize(*size)
    for headline, number in numbers.items():
        page.open(f"{address}/p/{number}")
        asking = page.html()
        assert '<html lang="zh-CN">' in asking
        assert '<label for="code">' in asking
        assert page.overflow() <= 0
        page.submit(CODE)
        shown = page.html()
        assert f"<h2>{headline}</h2>" in shown
        assert len(re.findall(r"<li class=\"now\" aria-current=\"step\">", shown)) == 1
        assert page.overflow() <= 0
        assert "演示甲" not in shown
    assert page.complaints == []  # nothing broke the content policy


def test_a_wrong_code_looks_like_a_wrong_number_and_many_are_turned_away(
    page: Page, address: str, numbers: dict[str, str]
) -> None:
    page.resize(360, 740)
    number = numbers["已受理"]
    unknown = make_case_no("210213", "03", 2, DAY, 999)
    seen = []
    for asked in (number, unknown):
        page.open(f"{address}/p/{asked}")
        page.submit("000000")
        seen.append(re.sub("<span>[0-9]{4}</span>", "", page.html()))
        assert 'role="alert"' in seen[-1]
        assert page.overflow() <= 0
    assert seen[0] == seen[1]
    for _ in range(4):
        page.submit("000001")
    page.open(f"{address}/p/{unknown}")
    page.submit(CODE)
    assert "请稍后再查" in page.html()
    assert page.overflow() <= 0


def test_it_is_small_kept_nowhere_and_strict(address: str, numbers: dict[str, str]) -> None:
    with httpx.Client(base_url=address) as http:
        for number in numbers.values():
            for answer in (http.get(f"/p/{number}"), http.post(f"/p/{number}", data={"code": CODE})):
                assert len(answer.content) < 15_000
                assert answer.headers["cache-control"] == "no-store"
                assert answer.headers["referrer-policy"] == "no-referrer"
                policy = answer.headers["content-security-policy"]
                assert policy.startswith("default-src 'none'; style-src 'sha256-")
                assert "unsafe" not in policy
                assert "<script" not in answer.text
                assert "src=" not in answer.text
                assert "href=" not in answer.text
        assert "已受理" in answer.text
        refused = http.post(f"/p/{numbers['已收件']}", data={"code": "999999"})
        assert refused.status_code == 404


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, 1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_its_text_can_be_read_by_weak_eyes(address: str) -> None:
    style = httpx.get(f"{address}/p/1").text
    named = dict(re.findall(r"--([a-z]+):(#[0-9a-f]{6})", style))
    pairs = [(named["ink"], "#ffffff"), (named["soft"], "#ffffff"), (named["soft"], named["ground"])]
    pairs += [("#ffffff", named["blue"]), (named["act"], "#fff4e2"), (named["good"], "#e7f5ec")]
    pairs += [(named["blue"], "#e9f1fb"), ("#8c1d18", "#fdecea")]
    assert min(contrast(*pair) for pair in pairs) >= 4.5
