"""The intake file of CONTRACT.md: decoding that names what is wrong and where, and writes nothing."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, NoReturn, Protocol, TypeVar

import msgspec

from jinpu_desk.domain.bodies import Channel
from jinpu_desk.domain.decision import Outcome
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.materials import MaterialState, MaterialTick
from jinpu_desk.domain.parties import Agent, Applicant

from .backfill import BackfillEntry

T = TypeVar("T")
SIZE_LIMIT = 1024 * 1024
"""Largest intake file in bytes; pages are named by path, not embedded."""
DEPTH_LIMIT = 32
TEXT_LIMIT = 4000
"""Longest single text, in characters."""
LIST_LIMIT = 500
"""Most entries of one list or object."""
INTEGER_LIMIT = 10**12
TICKET_LIMIT = 20
"""Longest number a queue gives out, in characters."""
COUNT_LIMIT = 9999
"""Most originals, copies or pages of one material."""


class Counts(Protocol):
    """How much of a material was handed in."""

    @property
    def originals(self) -> int: ...

    @property
    def copies(self) -> int: ...

    @property
    def pages(self) -> int: ...


class MaterialEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One material as the file states it; ``files`` are paths relative to the intake file."""

    state: MaterialState
    originals: int = 0
    copies: int = 0
    pages: int = 0
    files: tuple[str, ...] = ()
    note: str = ""

    def tick(self, files: tuple[str, ...] = ()) -> MaterialTick:
        """Return how the material stands, with the hashes of its files once they are read."""
        return MaterialTick(
            state=self.state,
            originals=self.originals,
            copies=self.copies,
            pages=self.pages,
            files=files,
            note=self.note,
        )


class IntakeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application as it lies on the counter. Exactly one of ``item`` and ``package`` is given."""

    applicant: Applicant
    action: str  # an Outcome, or ``draft``
    item: str | None = None
    package: str | None = None
    agent: Agent | None = None
    answers: dict[str, Any] = {}
    form: dict[str, Any] = {}
    materials: dict[str, MaterialEntry] = {}
    note: str = ""
    overrides: dict[str, str] = {}
    delivery: Literal["pick-up", "post", "electronic"] = "pick-up"
    external_no: str = ""
    competent_organ: str = ""
    guided_case: str = ""  # number on the slip of the station that guided here, or of the pre-application
    ticket: str = ""  # 叫号
    green: str = ""  # 绿色通道: why the case goes first
    channel: Channel = "counter"
    backfill: BackfillEntry | None = None


DRAFT_ACTION = "draft"
OVERRIDABLE = frozenset({"applicant.id_no", "applicant.uscc", "agent.id_no"})
"""The only paths an override may name: failed check digits (CONTRACT, intake file)."""


def decode_intake(raw: bytes) -> IntakeFile:
    """Read an intake file.

    Raises:
        Refused: ``intake.too-large``, ``intake.encoding``, ``intake.not-json``, ``intake.unknown-key``,
            ``intake.missing``, ``intake.wrong-type``, ``intake.number``, ``intake.text-too-long`` …; ``where``
            is the JSON path.
    """
    tree = read_object(raw)
    guard(tree)
    entries = tree.get("materials")
    if isinstance(entries, dict):  # one by one, so that a refusal names the material
        tree["materials"] = {}
    file = convert(tree, IntakeFile, "")
    if isinstance(entries, dict):
        read = {key: convert(entry, MaterialEntry, f"materials.{key}") for key, entry in entries.items()}
        file = msgspec.structs.replace(file, materials=read)
    _check_shape(file)
    return file


def read_object(raw: bytes) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        Refused: ``intake.too-large``, ``intake.encoding``, ``intake.not-json``, ``intake.not-object``,
            ``intake.repeated-key``, ``intake.number``, ``intake.too-deep``.
    """
    if len(raw) > SIZE_LIMIT:
        raise Refused("intake.too-large", "", limit=SIZE_LIMIT // 1024, size=len(raw) // 1024)
    try:
        return _tree(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused("intake.encoding", "", position=error.start) from error


def _tree(text: str) -> dict[str, Any]:
    try:
        tree = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Refused("intake.not-json", "", line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise Refused("intake.too-deep", "", limit=DEPTH_LIMIT) from error
    except ValueError as error:  # an integer of thousands of digits
        raise Refused("intake.number", "") from error
    if not isinstance(tree, dict):
        raise Refused("intake.not-object", "")
    return tree


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object whose keys stand once; JSON leaves the meaning of a repeated key open (RFC 8259 §4)."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        if key in tree:
            raise Refused("intake.repeated-key", key, key=key)
        tree[key] = value
    return tree


def _no_constant(name: str) -> NoReturn:
    raise Refused("intake.number", "", name=name)


def guard(value: Any, where: str = "", depth: int = 0) -> None:
    """Refuse what is too deep, too long, too many, unseen, or no whole number, wherever in ``value`` it is."""
    if depth > DEPTH_LIMIT:
        raise Refused("intake.too-deep", where, limit=DEPTH_LIMIT)
    match value:
        case dict():
            _count(value, where)
            for key, inner in value.items():
                _guard_text(key, where)
                guard(inner, f"{where}.{key}" if where else key, depth + 1)
        case list():
            _count(value, where)
            for index, inner in enumerate(value):
                guard(inner, f"{where}[{index}]", depth + 1)
        case str():
            _guard_text(value, where)
        case float():
            raise Refused("intake.number", where)
        case int() if not isinstance(value, bool) and abs(value) > INTEGER_LIMIT:
            raise Refused("intake.number", where)


def _count(value: dict[str, Any] | list[Any], where: str) -> None:
    if len(value) > LIST_LIMIT:
        raise Refused("intake.too-many", where, limit=LIST_LIMIT)


_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Controls, and marks that turn the direction of writing and so make a name look like another one."""


def _guard_text(text: str, where: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise Refused("intake.text-too-long", where, limit=TEXT_LIMIT)
    if _UNSEEN.search(text):
        raise Refused("intake.control-character", where)
    if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise Refused("intake.encoding", where, position=0)


_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]*)`")
_MISSING = re.compile(r"missing required field `(?P<key>[^`]*)`")
_PATH = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")


def convert(tree: Any, kind: type[T], where: str) -> T:
    """Read decoded JSON as ``kind``, ``where`` being its place.

    Raises:
        Refused: ``intake.unknown-key``, ``intake.missing``, ``intake.unknown-value`` or ``intake.wrong-type``.
    """
    try:
        return msgspec.convert(tree, kind)
    except msgspec.ValidationError as error:
        _explain(str(error), where)


def _explain(problem: str, base: str) -> NoReturn:
    """Raise the refusal that says in our words what msgspec found, ``base`` being where it looked."""
    at = _PATH.search(problem)
    where = ".".join(part for part in (base, at["path"] if at else "") if part)
    for pattern, code in ((_UNKNOWN, "intake.unknown-key"), (_MISSING, "intake.missing")):
        found = pattern.search(problem)
        if found:
            key = found["key"]
            raise Refused(code, f"{where}.{key}" if where else key, key=key)
    if "Invalid enum value" in problem:
        raise Refused("intake.unknown-value", where)
    raise Refused("intake.wrong-type", where)


def _check_shape(file: IntakeFile) -> None:
    if (file.item is None) == (file.package is None):
        raise Refused("intake.item-or-package", "item")
    if file.action != DRAFT_ACTION and file.action not in set(Outcome) - {Outcome.ON_THE_SPOT}:
        raise Refused("intake.unknown-value", "action")
    if len(file.ticket) > TICKET_LIMIT:
        raise Refused("intake.text-too-long", "ticket", limit=TICKET_LIMIT)
    for path, reason in file.overrides.items():
        if path not in OVERRIDABLE:
            raise Refused("intake.cannot-override", f"overrides.{path}", path=path)
        if not reason.strip():
            raise Refused("intake.override-needs-reason", f"overrides.{path}", path=path)
    for key, entry in file.materials.items():
        check_counts(entry, f"materials.{key}")


def check_counts(entry: Counts, where: str) -> None:
    """Refuse what nobody counts at a counter. Raises Refused ``intake.number``."""
    for name in ("originals", "copies", "pages"):
        if not 0 <= getattr(entry, name) <= COUNT_LIMIT:
            raise Refused("intake.number", f"{where}.{name}")
