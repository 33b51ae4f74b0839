"""What the page 出件 shows: results that wait, one of them with the ways it can go, and the parcels of the day."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jinpu_desk.domain.ids import CaseId, CaseNo, Digest

from .views import Chip, FieldView, OptionView, Pair, PaperLine, Tone, WorkLine


class ResultFilter(StrEnum):
    """Which results the list shows."""

    WAITING = "waiting"  # 待交付
    POSTED = "posted"  # 已寄未签收
    SERVED = "served"  # 今日送达


class ResultList(msgspec.Struct, frozen=True, kw_only=True):
    """Results of a filter, longest waiting first; ``counts`` are those of every filter."""

    lines: tuple[WorkLine, ...]
    counts: dict[ResultFilter, int]
    more: bool = False  # there are more than are listed: search for them


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do with a result, and what it asks. ``hidden``: field → relations it is not asked for."""

    key: str
    label: str
    fields: tuple[FieldView, ...]
    hidden: dict[str, tuple[str, ...]] = {}
    proof: bool = False  # a picture may be kept
    originals: bool = False  # originals may go back in the same act
    hint: str = ""


class ResultPage(msgspec.Struct, frozen=True, kw_only=True):
    """One result: what it is, who it is for, how it may go. ``verdict`` says why it may not, when it may not."""

    case_id: CaseId
    case_no: CaseNo
    title: str
    chips: tuple[Chip, ...]
    facts: tuple[Pair, ...]
    contents: tuple[Pair, ...]  # name and number of everything handed over
    ways: tuple[Way, ...]
    way: str  # the likeliest
    originals: tuple[OptionView, ...]
    papers: tuple[PaperLine, ...]
    verdict: str = ""
    revealed: bool = False


class HandedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, in one line, and the papers that were issued for it."""

    page: ResultPage
    headline: str
    papers: tuple[PaperLine, ...]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whose card was read; ``relation`` is filled when it is a party of the case."""

    name: str
    id_type: str
    id_no: str
    relation: str = ""


class ParcelLine(msgspec.Struct, frozen=True, kw_only=True):
    """A result to be posted; ``problem`` says why it cannot be yet."""

    case_id: CaseId
    case_no: CaseNo
    text: str
    to: str  # 王*龚 · 139****0000 · 演示路1号, personal data masked
    problem: str = ""


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch: parcels sent, sentences by the case that was refused, labels to print."""

    sent: tuple[CaseId, ...]
    problems: dict[CaseId, str]
    labels: tuple[PaperLine, ...]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A picture kept as proof."""

    sha256: Digest
    text: str
    tone: Tone = "good"
