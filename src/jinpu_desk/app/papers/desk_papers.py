"""Papers about many cases: hand-on slips, shift and day sheets (DOMAIN §D, D14 and D15).

They belong to the window and not to a case, so no ``PaperRule`` knows them: whoever writes one gives blanks and tables
of ``papers.NEEDS``, gets it rendered and its bytes kept, and records where it belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jinpu_desk.domain.bodies import PaperIssued
from jinpu_desk.domain.case import Case
from jinpu_desk.domain.ids import CaseNo, Digest

from ..desk import Desk
from ..labels import day_text
from ..ports import Transaction
from . import Family, PaperFacts, PaperForm, PaperKind, Party
from .paperwork import Issued

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class DeskPaper:
    """A paper of the window as rendered and kept. ``number`` is its own 24-digit number."""

    kind: PaperKind
    form: PaperForm
    number: CaseNo
    data: bytes
    sha256: Digest
    facts_digest: Digest
    pages: int

    def issued(self) -> PaperIssued:
        """Return the fact to record on each case the paper speaks of."""
        return PaperIssued(
            kind=str(self.kind),
            variant=str(self.form),
            sha256=self.sha256,
            facts_digest=self.facts_digest,
            pages=self.pages,
        )


def make_paper(
    desk: Desk,
    tx: Transaction,
    kind: PaperKind,
    form: PaperForm,
    number: CaseNo,
    *,
    blanks: Mapping[str, str],
    tables: Mapping[str, Rows],
    stated: str = "",
) -> DeskPaper:
    """Render a paper of the window and keep its bytes in ``tx``; ``stated`` is a QR that somebody else signed.

    Raises:
        Refused: ``papers.…`` when a blank or table it cannot do without is empty.
    """
    replica = desk.replica
    facts = PaperFacts(
        kind=kind,
        form=form,
        family=Family.SERVICE,
        case_no=number,
        authority=replica.authority,
        station=desk.stations.get(replica.station, replica.station_name),
        window=replica.window,
        clerk=desk.clerk.display_name,
        applicant=Party(name=""),
        item_key="",
        item_name="",
        issued_at=desk.now(),
        replica=replica.id,
        seq=tx.next_seq(),
        progress_url=replica.progress_url,
        blanks={key: text for key, text in blanks.items() if text},
        tables={key: rows for key, rows in tables.items() if rows},
        training=replica.training,
    )
    papers = desk.papers
    rendered = papers.render_stated(facts, stated) if stated else papers.render(facts, desk.signing)
    tx.keep_paper(rendered.sha256, rendered.data)
    return DeskPaper(
        kind=kind,
        form=form,
        number=number,
        data=rendered.data,
        sha256=rendered.sha256,
        facts_digest=rendered.facts_digest,
        pages=rendered.pages,
    )


def issued_between(desk: Desk, before: Case, after: Case) -> tuple[Issued, ...]:
    """Return the papers a case got from ``before`` to ``after``, with their bytes."""
    known = {paper.id for paper in before.papers}
    return tuple(
        Issued(
            event=paper.id,
            kind=PaperKind(paper.kind),
            doc_no=paper.doc_no,
            data=desk.store.paper(paper.sha256) or b"",
            sha256=paper.sha256,
            pages=paper.pages,
        )
        for paper in after.papers
        if paper.id not in known
    )


def minute_text(local: datetime) -> str:
    """Return a local instant as sheets print it: 2026年11月23日 10:42."""
    return f"{day_text(local.date())} {local:%H:%M}"
