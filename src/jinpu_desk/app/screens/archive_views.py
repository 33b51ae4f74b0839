"""What the page 档案 shows: who was found, and one applicant's file whole. Text is ready to be shown and masked."""

from __future__ import annotations

import msgspec

from jinpu_desk.domain.ids import CaseId

from .views import CaseLine, Chip, Pair


class ApplicantLine(msgspec.Struct, frozen=True, kw_only=True):
    """An applicant found; ``of`` is one of their cases, which stands for them wherever a number may not."""

    of: CaseId
    name: str
    identity: str
    last: str  # what they last came for, and when


class PaperOnFile(msgspec.Struct, frozen=True, kw_only=True):
    """A paper handed in before, as far as it may be used again."""

    name: str
    taken_on: str
    until: str
    good: bool
    case_no: str


class LicenceOnFile(msgspec.Struct, frozen=True, kw_only=True):
    """A result we gave, or an electronic licence a platform knows."""

    name: str
    number: str
    until: str
    state: Chip
    source: str  # case number, or the issuer


class ApplicantPage(msgspec.Struct, frozen=True, kw_only=True):
    """一企一档 / 一人一档."""

    of: CaseId
    title: str
    facts: tuple[Pair, ...]
    figures: tuple[Pair, ...]
    warnings: tuple[str, ...]  # credit, false pledges
    cases: tuple[CaseLine, ...]
    papers: tuple[PaperOnFile, ...]
    licences: tuple[LicenceOnFile, ...]
    revealed: bool
