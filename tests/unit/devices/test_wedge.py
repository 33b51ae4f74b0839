"""A scan is never lost, typing never looks like one, and every other key comes back in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinpu_desk.app.ports.devices import KeyWedge, Scan
from jinpu_desk.devices.wedge import ENTER, ENTER_OR_TAB, Wedge, WedgeSettings

Press = tuple[str, int]
CODE = st.text("0123456789ABCDEFXYZ-/:", min_size=6, max_size=40)
TYPED_CHAR = st.sampled_from([*"abc123 张", "\r", "\t", "", "\x08", "F10"])


def run(wedge: KeyWedge[str], presses: list[Press], *, end_ms: int = 10**9) -> tuple[list[str], list[Scan]]:
    """Plays the presses as the window would: ticks at every deadline, takes back what a scan had leaked."""
    field: list[str] = []
    scans: list[Scan] = []

    def deliver(verdict_replay: tuple[str, ...], scan: Scan | None) -> None:
        field.extend(verdict_replay)
        if scan is not None:
            assert "".join(field[len(field) - scan.passed :]) == scan.text[: scan.passed]
            del field[len(field) - scan.passed :]
            scans.append(scan)

    for char, at in [*presses, ("end", end_ms)]:
        due = wedge.deadline_ms
        if due is not None and due <= at:
            verdict = wedge.tick(due)
            deliver(verdict.replay, verdict.scan)
            assert wedge.deadline_ms is None
        if char != "end":
            verdict = wedge.feed(char, at, char)
            deliver(verdict.replay, verdict.scan)
    return field, scans


def gun(text: str, start_ms: int, gap_ms: int = 5) -> list[Press]:
    return [(char, start_ms + index * gap_ms) for index, char in enumerate(text)]


def typed(chars: list[str], gaps: list[int], start_ms: int) -> list[Press]:
    at, presses = start_ms, []
    for char, gap in zip(chars, gaps, strict=False):
        at += gap
        presses.append((char, at))
    return presses


def test_a_scan_is_one_text_and_leaves_nothing_in_the_field() -> None:
    assert run(Wedge(), gun("210213010012026091800017\r", 1000)) == (
        [],
        [Scan("210213010012026091800017", passed=1)],
    )


@given(st.lists(TYPED_CHAR, max_size=30), st.lists(st.integers(30, 2000), min_size=30, max_size=30))
def test_typing_never_looks_like_a_scan_and_is_never_held(chars: list[str], gaps: list[int]) -> None:
    wedge = Wedge[str]()
    for char, at in typed(chars, gaps, 0):
        verdict = wedge.feed(char, at, char)
        assert verdict.replay == (char,)
        assert verdict.scan is None
        assert wedge.deadline_ms is None


@given(CODE, st.integers(1, 29), st.sampled_from(["\r", "\n", "\r\n"]))
def test_a_scan_is_never_lost(code: str, gap_ms: int, suffix: str) -> None:
    field, scans = run(Wedge(), gun(code + suffix, 500, gap_ms))
    assert (field, [scan.text for scan in scans]) == ([], [code])


@given(st.lists(st.one_of(CODE, st.lists(TYPED_CHAR, min_size=1, max_size=8)), max_size=8), st.data())
def test_people_and_guns_in_turn_are_told_apart(parts: list[str | list[str]], data: st.DataObject) -> None:
    presses: list[Press] = []
    at = 0
    for part in parts:
        at += 200
        if isinstance(part, str):
            presses += gun(part + "\r\n", at)
        else:
            gaps = data.draw(st.lists(st.integers(30, 500), min_size=8, max_size=8))
            presses += typed(part, gaps, at)
        at = presses[-1][1]
    field, scans = run(Wedge(), presses)
    assert field == [char for part in parts if isinstance(part, list) for char in part]
    assert [scan.text for scan in scans] == [part for part in parts if isinstance(part, str)]


@given(
    st.lists(st.tuples(TYPED_CHAR, st.integers(-50, 80)), max_size=60),
    st.sampled_from(["", "1"]),
    st.integers(1, 8),
)
def test_no_key_is_lost_doubled_or_reordered(
    moves: list[tuple[str, int]], prefix: str, min_length: int
) -> None:
    """Whatever the timing: what comes back plus what the scans swallowed is what was pressed."""
    settings = WedgeSettings(min_length=min_length, max_length=12, suffix=ENTER_OR_TAB, prefix=prefix)
    wedge = Wedge[tuple[int, str]](settings)
    back: list[tuple[int, str]] = []
    at, swallowed = 1000, 0
    keys = [(number, char) for number, (char, _) in enumerate(moves)]
    for key, (char, step) in zip(keys, moves, strict=True):
        at += step
        verdict = wedge.feed(char, at, key)
        back += verdict.replay
        if verdict.scan is not None:
            swallowed += len(verdict.scan.text) - verdict.scan.passed + 1 + len(prefix)
    back += wedge.tick(at + 10_000).replay
    assert back == sorted(back)
    assert len(set(back)) == len(back)
    line_feeds = sum(char == "\n" for char, _ in moves)
    assert len(keys) - swallowed - line_feeds <= len(back) <= len(keys) - swallowed


def test_a_fast_burst_that_is_too_short_is_given_back_with_its_enter() -> None:
    assert run(Wedge(), gun("12345\r", 0)) == (list("12345\r"), [])


def test_a_pause_inside_a_burst_gives_it_back() -> None:
    assert run(Wedge(), [*gun("123456", 0), *gun("78\r", 200)]) == (list("12345678\r"), [])


def test_the_line_feed_of_a_person_after_a_scan_is_kept() -> None:
    field, scans = run(Wedge(), [*gun("ABCDEF\r", 0), ("\n", 400)])
    assert (field, len(scans)) == (["\n"], 1)


def test_tab_ends_a_scan_only_when_asked_to() -> None:
    assert run(Wedge(WedgeSettings(suffix=ENTER)), gun("ABCDEF\t", 0)) == (list("ABCDEF\t"), [])
    assert run(Wedge(WedgeSettings(suffix=ENTER_OR_TAB)), gun("ABCDEF\t", 0)) == ([], [Scan("ABCDEF", 1)])


def test_a_gun_with_a_prefix_leaks_nothing_even_right_after_typing() -> None:
    wedge = Wedge[str](WedgeSettings(prefix="\x02"))
    assert run(wedge, gun("x\x02ABCDEF\r", 0)) == (["x"], [Scan("ABCDEF", passed=0)])


def test_without_its_prefix_nothing_is_a_scan() -> None:
    wedge = Wedge[str](WedgeSettings(prefix="\x02"))
    assert run(wedge, gun("ABCDEF\r", 0)) == (list("ABCDEF\r"), [])


@pytest.mark.parametrize("gap_ms", [29, 30])
def test_the_gap_is_exact(gap_ms: int) -> None:
    _, scans = run(Wedge(), gun("ABCDEF\r", 0, gap_ms))
    assert len(scans) == (gap_ms < 30)
