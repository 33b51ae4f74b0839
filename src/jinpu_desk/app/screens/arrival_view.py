"""来件情况 of a recorded case, as its page tells it."""

from __future__ import annotations

from jinpu_desk.domain.case import Case

from .views import Pair

CHANNELS = {"counter": "", "post": "邮寄", "online": "网上"}
"""How papers came in; the counter goes without saying."""


def arrival_facts(case: Case) -> tuple[Pair, ...]:
    """Return ticket, channel, fast lane and 补录; what does not apply is empty."""
    return (
        Pair("叫号", case.ticket),
        Pair("来件方式", CHANNELS[case.channel]),
        Pair("绿色通道", case.green),
        Pair("补录", case.backfill.reason if case.backfill else ""),
        Pair("外部编号", case.external_no),
    )
