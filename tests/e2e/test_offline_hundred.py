"""No network for a while: two desks go on taking cases in, and afterwards everybody has all of them."""

from __future__ import annotations

from jinpu_desk.entry.demo_cases import small_catering, sole_prop
from samples.programs import Desk, TrainingCentre

EACH = 50


def take_fifty(desk: Desk, first: int) -> list[str]:
    """Take fifty cases in; return their numbers."""
    files = [(sole_prop if n % 2 else small_catering)(first + n) for n in range(EACH)]
    finished = desk.run("intake", "--batch", str(desk.batch(files)), "--no-documents")
    assert (finished.code, finished.err) == (0, "")
    return [line["case_no"] for line in finished.lines]


def test_a_hundred_cases_without_a_network_reach_everybody(own_centre: TrainingCentre) -> None:
    training = own_centre
    one, two = training.desk(), training.desk("HALL")
    before = training.admin("verify")
    training.stop()
    try:
        numbers = [*take_fifty(one, 100), *take_fifty(two, 200)]
        assert one.refused("sync", code=3)["code"] == "sync.offline"
        assert one.done("status")["pending"] > EACH
    finally:
        training.start()
    assert len(set(numbers)) == 2 * EACH
    for desk in (one, two, one):
        assert desk.done("sync")["pending"] == 0
    after = training.admin("verify")
    assert after["ok"]
    assert after["cases"] - before["cases"] == 2 * EACH
    reports = [desk.done("verify") for desk in (one, two)]
    assert all(report["ok"] for report in reports)
    assert reports[0]["heads"] == reports[1]["heads"]
    for desk in (one, two):
        assert set(numbers) <= set(desk.numbers())
        status = desk.done("status")
        assert [status[key] for key in ("pending", "parked", "dead")] == [0, 0, 0]
