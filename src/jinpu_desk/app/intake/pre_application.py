"""网上预申请: an application a portal or back office sends to the centre, in the spirit of the intake file.

It is held to the same catalogue as one at the counter, and it decides nothing: a window takes it in later, under the
number it gets here (DOMAIN A-C16).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.parties import Agent, Applicant

from ..desk import Premises
from .assess import material_problems
from .file import check_counts, convert, guard, read_object
from .parties import check_agent, check_applicant, normalised_agent, normalised_applicant
from .subject import Subject, subject_of

MEDIA_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png", "image/tiff"})
FILES_LIMIT = 50
"""Most files of one material."""
NUMBER_LIMIT = 64


class SentFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of a material: sent before and named by ``sha256``, or small and here as ``data`` in base64."""

    media_type: str
    pages: int = 1
    sha256: str = ""
    data: bytes = b""


class SentMaterial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One material as it was sent."""

    state: MaterialState
    originals: int = 0
    copies: int = 0
    pages: int = 0
    note: str = ""
    files: tuple[SentFile, ...] = ()

    def tick(self, files: tuple[str, ...]) -> MaterialTick:
        """Return how the material stands, given the names its files are kept under."""
        return MaterialTick(
            state=self.state,
            originals=self.originals,
            copies=self.copies,
            pages=self.pages,
            files=files,
            note=self.note,
        )


class PreApplication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent. Exactly one of ``item`` and ``package`` is given; ``external_no`` is the sender's own number.

    ``station`` is the two digits of the station that shall take it in; ``applied_at`` has a time zone and is now when
    it is left out.
    """

    external_no: str
    applicant: Applicant
    item: str | None = None
    package: str | None = None
    agent: Agent | None = None
    answers: dict[str, Any] = {}
    form: dict[str, Any] = {}
    materials: dict[str, SentMaterial] = {}
    station: str = "00"
    applied_at: datetime | None = None

    @property
    def target(self) -> str:
        """The key of what is applied for."""
        return self.item or self.package or ""


class LookedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A sound pre-application: what it is about, and its parts as they will be stored."""

    subject: Subject
    applicant: Applicant
    agent: Agent | None
    form: dict[str, Any]


def decode_pre_application(raw: bytes) -> PreApplication:
    """Read what was sent.

    Raises:
        Refused: ``intake.…`` as the intake file is refused, and ``outside.number``, ``outside.file``,
            ``outside.too-many-files``; ``where`` is the JSON path.
    """
    tree = read_object(raw)
    contents = _taken_out(tree)
    guard(tree)
    entries = tree.get("materials")
    if isinstance(entries, dict):  # one by one, so that a refusal names the material
        tree["materials"] = {}
    told = convert(tree, PreApplication, "")
    if isinstance(entries, dict):
        _put_back(contents)
        read = {key: convert(entry, SentMaterial, f"materials.{key}") for key, entry in entries.items()}
        told = replace(told, materials=read)
    _check(told)
    return told


def _taken_out(tree: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Take the files' contents out of the tree, whose texts are measured as typing; return each with its place."""
    taken = []
    materials = tree.get("materials")
    for entry in materials.values() if isinstance(materials, dict) else ():
        files = entry.get("files") if isinstance(entry, dict) else None
        for file in files if isinstance(files, list) else ():
            if isinstance(file, dict) and "data" in file:
                taken.append((file, file.pop("data")))
    return taken


def _put_back(taken: list[tuple[dict[str, Any], Any]]) -> None:
    for file, data in taken:
        file["data"] = data


def _check(told: PreApplication) -> None:
    if (told.item is None) == (told.package is None):
        raise Refused("intake.item-or-package", "item")
    check_number(told.external_no, "external_no")
    if told.applied_at is not None and told.applied_at.tzinfo is None:
        raise Refused("outside.time-zone", "applied_at")
    for key, material in told.materials.items():
        check_counts(material, f"materials.{key}")
        if len(material.files) > FILES_LIMIT:
            raise Refused("outside.too-many-files", f"materials.{key}.files", limit=FILES_LIMIT)
        for index, file in enumerate(material.files):
            _check_file(file, f"materials.{key}.files[{index}]")


def check_number(number: str, where: str) -> None:
    """Refuse (``outside.number``) a number of somebody else's that could not stand in an address or a list."""
    if not number or len(number) > NUMBER_LIMIT or not number.isprintable() or set(number) & set("/?#% "):
        raise Refused("outside.number", where, limit=NUMBER_LIMIT)


def _check_file(file: SentFile, where: str) -> None:
    if file.media_type not in MEDIA_TYPES:
        raise Refused("outside.media-type", f"{where}.media_type", known="、".join(sorted(MEDIA_TYPES)))
    if bool(file.sha256) == bool(file.data):
        raise Refused("outside.file", where)
    if not 1 <= file.pages <= 9999:
        raise Refused("intake.number", f"{where}.pages")


def look_over(premises: Premises, told: PreApplication, ticks: Mapping[str, MaterialTick]) -> LookedOver:
    """Return a pre-application in its stored spelling, after every check the counter makes of what is typed.

    Raises:
        Refused: the first problem found: ``intake.unknown-item``, ``intake.…``, ``party.…``, ``code.…``, ``form.…``,
            or ``outside.station`` when that station does not take such an item.
    """
    today = premises.today()
    applicant = normalised_applicant(told.applicant)
    agent = normalised_agent(told.agent) if told.agent else None
    package = told.package is not None
    subject = subject_of(premises, told.target, package, told.answers, agent is not None)
    if not subject.may_take:
        raise Refused("outside.station", "station", station=told.station, item=subject.name)
    problems = list(check_applicant(applicant, today, {}).problems)
    if agent is not None:
        problems += check_agent(agent, today, {}).problems
    problems += subject.answer_problems(told.answers)
    form, form_problems = subject.normalised_form(told.answers, told.form, today)
    problems += form_problems
    problems += material_problems(subject, dict(ticks))
    for problem in problems:
        raise Refused(problem.code, problem.where, article="", **problem.params)
    return LookedOver(subject=subject, applicant=applicant, agent=agent, form=form)
