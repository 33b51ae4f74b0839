"""What the pages 流转 and 日结 ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from jinpu_desk.app.duty.duty_view import DayPage, SheetDone
from jinpu_desk.app.duty.passing_view import PassingPage, Scanned, SlipPage
from jinpu_desk.domain.ids import CaseNo


class PassingDesk(Protocol):
    """Slips: the one being made, those to sign for, and each of them whole."""

    def passing_page(self, numbers: Sequence[CaseNo], target: str) -> PassingPage:
        """Return 流转 with a slip of these cases to a department, or with no target where they usually go."""
        ...

    def passing_scan(self, text: str) -> Scanned:
        """Tell what a number read or typed at 流转 means. Raises Refused when nothing here has it."""
        ...

    def hand_on(self, numbers: Sequence[CaseNo], target: str, note: str) -> SlipPage: ...

    def slip_page(self, slip: CaseNo) -> SlipPage: ...

    def take_over(self, slip: CaseNo, numbers: Sequence[CaseNo], receiver: str) -> SlipPage:
        """Sign for cases of a slip, or with none named for all that wait."""
        ...

    def turn_down(self, slip: CaseNo, numbers: Sequence[CaseNo], reason: str) -> SlipPage: ...

    def take_back(self, slip: CaseNo, numbers: Sequence[CaseNo]) -> SlipPage: ...


class DutyDesk(Protocol):
    """Shift handover and day end."""

    def day_page(self) -> DayPage: ...

    def close_day(
        self, reasons: Mapping[str, str], counted: Mapping[str, int], amending: str, note: str
    ) -> SheetDone: ...

    def takers(self) -> tuple[str, ...]:
        """Return the logins known here that may take over: everybody but who is logged in."""
        ...

    def hand_over(self, taker: str, password: str, counted: Mapping[str, int], note: str) -> SheetDone:
        """Hand the window over to a clerk who confirms with the own password. Raises Refused ``login.…`` too."""
        ...
