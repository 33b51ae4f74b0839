"""Lines: nothing is lost, nothing is too wide, no mark stands where it may not."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.documents.breaking import NEVER_FIRST, NEVER_LAST, break_lines

TEXTS = st.text(alphabet="申请材料（）《》，。、；“”〔〕2026 abc-𬬻\n", max_size=120)


def ems(text: str) -> float:
    """Han an em, Latin half."""
    return sum(0.5 if c.isascii() else 1.0 for c in text)


@given(TEXTS, st.integers(1, 30))
def test_nothing_but_blanks_at_a_break_is_lost(text: str, width: int) -> None:
    lines = break_lines(text, width, ems)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert len(lines) >= text.count("\n") + 1


@given(TEXTS, st.integers(1, 30))
def test_no_line_is_too_wide(text: str, width: int) -> None:
    assert all(ems(line) <= width or len(line) == 1 for line in break_lines(text, width, ems))


@given(st.lists(st.sampled_from(["申请", "材料", "，", "（", "）", "。", "2026年", "《法》"]), max_size=40))
def test_marks_do_not_open_or_close_a_line(words: list[str]) -> None:
    # Two marks in a row can leave no lawful break; the texts here part them.
    text = "字字".join(words)
    lines = break_lines(text, 8, ems)
    for before, after in pairwise(lines):
        assert after[0] not in NEVER_FIRST
        assert before[-1] not in NEVER_LAST


def test_words_and_numbers_with_their_measure_stay_whole() -> None:
    assert break_lines("演示所（JP03） 2号窗口", 8.5, ems) == ["演示所（JP03）", "2号窗口"]
    assert break_lines("编号210213030022026112300011", 13, ems) == ["编号", "210213030022026112300011"]


def test_a_word_wider_than_the_line_is_taken_apart() -> None:
    assert break_lines("abcdefgh", 2, ems) == ["abcd", "efgh"]


def test_a_line_feed_breaks() -> None:
    assert break_lines("甲\n\n乙", 10, ems) == ["甲", "", "乙"]
