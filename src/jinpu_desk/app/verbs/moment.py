"""A case in the hands of a verb, and with a package its branches, which share its papers and its fate (DOMAIN C3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from jinpu_desk.domain import bodies as b
from jinpu_desk.domain import rules
from jinpu_desk.domain.body import Channel
from jinpu_desk.domain.case import DECIDED, TERMINAL, Case, Status
from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.materials import MaterialTick

from ..desk import Desk
from ..intake.subject import ChildSubject, Subject, subject_of_case
from ..ports import Transaction


@dataclass(frozen=True, slots=True)
class Moment:
    """A case in the hands of a verb."""

    desk: Desk
    tx: Transaction
    case: Case
    subject: Subject

    def write(self, *bodies: b.Body) -> None:
        """Record lawful events in order.

        Raises:
            Refused: what the rules say; the transaction is then left without any of them.
        """
        case: Case | None = self.case
        for body in bodies:
            rules.check(case, self.desk.clerk.id, body)
            self.tx.record(
                self.case.id,
                body,
                actor=self.desk.clerk.id,
                at=self.desk.now(),
                catalogue=Digest(self.case.catalogue),
            )
            case = self.tx.case(self.case.id)

    def branches(self) -> Iterator[Branch]:
        """Yield the branches of a package that this desk knows; none for a case of its own."""
        parts = {child.subject.key: child for child in self.subject.children}
        for child_id in self.case.children:
            child = self.tx.case(child_id)
            if child is not None and child.item in parts:
                yield Branch(
                    Moment(self.desk, self.tx, child, subject_of_case(self.desk, child)), parts[child.item]
                )


@dataclass(frozen=True, slots=True)
class Branch:
    """A child of a package, and how its own keys map to the package's."""

    moment: Moment
    part: ChildSubject

    def follow(self, body: b.Body) -> None:
        """Record on the branch what happened to the package, where the branch is still at that point."""
        case = self.moment.case
        from_ = rules.FROM.get(type(body), frozenset(type(case.status)) - TERMINAL)
        if case.status in from_ and not case.voided:
            self.moment.write(body)

    def resubmit(self, body: b.CaseResubmitted) -> None:
        """Record on a branch that waits its share of what came in for the package after a correction, and its new T0."""
        case = self.moment.case
        if case.status is Status.RECEIVED:
            own = self._own(body.materials)
            self.moment.write(replace(body, materials=own))

    def _own(self, ticks: Mapping[str, MaterialTick]) -> dict[str, MaterialTick]:
        return {key: ticks[merged] for key, merged in self.part.part.materials.items() if merged in ticks}

    def share(self, ticks: Mapping[str, MaterialTick], channel: Channel = "counter") -> None:
        """Record on the branch the papers that came in for the package and are asked for here, too."""
        case = self.moment.case
        own = self._own(ticks)
        if not own or case.status in TERMINAL | DECIDED:
            return
        late = {key: tick for key, tick in own.items() if key in case.supplement_by}
        rest = {key: tick for key, tick in own.items() if key not in late}
        if rest:
            self.moment.write(b.MaterialsTicked(ticks=rest))
        if late:
            self.moment.write(
                b.CaseSupplemented(ticks=late, arrived_on=self.moment.desk.today(), channel=channel)
            )
