"""What the app says when it wants a paper (文书), and what it gets back: the port of the documents room.

The caller masks personal data, resolves names and writes dates; the documents room adds layout, wording
(``resources/documents``), barcode, QR and fonts, and knows nothing of cases. Source: DOMAIN §D, DESIGN §7.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Protocol

import msgspec

from jinpu_desk.domain.ids import Digest, ReplicaId

from .forms import NEEDS as NEEDS
from .forms import Family as Family
from .forms import Needs as Needs
from .forms import PaperForm as PaperForm
from .forms import PaperKind as PaperKind

MAX_TICK_CODE = 20
"""A printed tick code is never longer than this many characters."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """An applicant or agent as printed: already masked by the caller, empty where unknown."""

    name: str
    stated: str = ""  # the name as a QR states it to anybody who scans: masked for a person; empty: ``name``
    id_label: str = ""  # e.g. 居民身份证, 统一社会信用代码
    id_no: str = ""
    contact: str = ""
    phone: str = ""


class MaterialLine(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a paper's material table, as printed."""

    key: str  # the item's own key; the tick barcode is made of it
    name: str
    source: str = ""  # 申请人, 政府核发, 其他
    medium: str = ""  # 原件, 复印件, 电子
    copies: int = 0
    pages: int = 0
    state: str = ""  # the state's Chinese label: 齐, 缺, 容缺, 承诺, 共享, 复用, 瑕疵
    note: str = ""  # remark; on a correction notice, what is wrong
    requirement: str = ""
    basis: str = ""


class PaperFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a paper says, and nothing else: equal facts give equal bytes.

    ``issued_at`` and ``received_at`` are aware and printed in China Standard Time. ``doc_no`` empty prints
    “文号待补” where the form carries a number. ``copies`` empty means the form's own copies (联).
    """

    kind: PaperKind
    family: Family
    case_no: str
    authority: str
    station: str
    clerk: str
    applicant: Party
    item_key: str
    item_name: str
    issued_at: datetime
    replica: ReplicaId
    seq: int
    progress_url: str  # scheme, host and base path, without a trailing slash
    form: PaperForm = PaperForm.PLAIN
    query_code: str = ""
    doc_no: str = ""
    window: str = ""
    item_code: str = ""
    package: str = ""
    agent: Party | None = None
    received_at: datetime | None = None
    accepted_on: date | None = None
    materials: tuple[MaterialLine, ...] = ()
    legal_days: int | None = None  # working days
    promised_days: int | None = None
    due: date | None = None
    provisional: bool = False  # the calendar of the due day's year is not published yet
    enquiry_phone: str = ""
    complaint_phone: str = ""
    blanks: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    tables: dict[str, tuple[tuple[str, ...], ...]] = {}  # rows by table; the columns are those of ``NEEDS``
    seal: str = ""  # the seal's full name, authority and all; empty: the layout's own
    copies: tuple[str, ...] = ()
    training: bool = False


def facts_digest(facts: PaperFacts) -> Digest:
    """Return the SHA-256 of the facts as canonical JSON: sorted keys, instants in UTC, no floats."""
    received = facts.received_at and facts.received_at.astimezone(UTC)
    plain = msgspec.structs.replace(facts, issued_at=facts.issued_at.astimezone(UTC), received_at=received)
    return Digest(hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest())


class Signer(Protocol):
    """This window's key: the replica it belongs to, Ed25519 signatures, and its X.509 certificate."""

    @property
    def replica(self) -> ReplicaId: ...

    @property
    def certificate(self) -> bytes:
        """The certificate in DER, as ``PaperShop.certify`` or the centre made it."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of ``message``."""


class RenderedPaper(msgspec.Struct, frozen=True):
    """A paper as issued: the bytes to print and keep, their hash, and the statement in its QR."""

    data: bytes
    sha256: Digest
    pages: int
    statement: str
    facts_digest: Digest


class ReprintMark(msgspec.Struct, frozen=True):
    """“补打第 n 次 · 时间 · 经办人”: drawn over the issued bytes. ``at`` is aware, ``count`` starts at 1.

    ``doc_no`` is the number that came after a first print that said 文号待补.
    """

    count: int
    at: datetime
    clerk: str
    doc_no: str = ""


class TrustedReplica(msgspec.Struct, frozen=True):
    """What a desk knows of another window: its raw 32-byte key, its certificate, and when it was revoked.

    Without ``certificate`` statements can be checked, whole files cannot.
    """

    public_key: bytes
    certificate: bytes = b""
    revoked_on: date | None = None


Trust = Mapping[ReplicaId, TrustedReplica]
"""Every replica whose papers this desk believes."""


class StatedFacts(msgspec.Struct, frozen=True):
    """What a QR statement says, to be compared with the paper in hand."""

    case_no: str
    kind: PaperKind
    item: str
    applicant: str
    date: date
    facts_digest: Digest
    replica: ReplicaId
    seq: int


class Checked(msgspec.Struct, frozen=True):
    """A genuine paper. ``whole_file`` is false from a picture or text: compare ``facts`` with the paper."""

    case_no: str
    kind: PaperKind
    replica: ReplicaId
    facts: StatedFacts
    whole_file: bool
    ok: bool = True


class PaperShop(Protocol):
    """The documents room, as the app sees it. All methods are pure but for reading bundled fonts and layouts."""

    def render(self, facts: PaperFacts, signer: Signer) -> RenderedPaper:
        """Return the paper; equal facts and key give equal bytes. Refused when a blank it needs is empty."""

    def render_stated(self, facts: PaperFacts, statement: str) -> RenderedPaper:
        """Return the paper with a QR somebody else stated and signed: the centre, on what it vouches for."""

    def unprintable(self, text: str) -> str:
        """Return the characters of ``text`` that would print as an empty box, each once: warn, never refuse."""

    def seal(self, data: bytes, signer: Signer, at: datetime) -> bytes:
        """Return ``data`` followed by a PAdES signature over the whole of it."""

    def reprint(self, data: bytes, mark: ReprintMark) -> bytes:
        """Return the issued bytes followed by the reprint mark on each page; seal the result to keep it.

        Over a sealed file it works too, but other readers then report the first seal as followed by changes.
        """

    def check(self, data: bytes, trust: Trust) -> Checked:
        """Check a PDF, or a PNG or JPEG picture of a paper, offline. Refused when it is not genuine."""

    def check_text(self, text: str, trust: Trust) -> Checked:
        """Check the text of a QR. Refused when it is not genuine."""

    def page_count(self, data: bytes) -> int:
        """Return how many pages a PDF has, which may be anybody's. Refused when it is none."""

    def page_png(self, data: bytes, number: int, dpi: int) -> bytes:
        """Return a page (from 0) of a PDF that may be anybody's as a PNG, for preview. Refused when it is none."""

    def thumbnail(self, data: bytes, width: int) -> bytes:
        """Return a small PNG of a scan that may be anybody's. Refused ``documents.not-a-picture``."""


class TickCode(msgspec.Struct, frozen=True):
    """What a barcode gun reads off a checklist slip: which item and material it stands for."""

    item_tag: str
    material_tag: str

    def means(self, item_key: str, material_key: str) -> bool:
        """Tell whether this code was printed for that material of that item."""
        return self == TickCode(_tag(item_key), _tag(material_key))


_TICK = re.compile(r"M-([A-Z2-7]{5})-([A-Z2-7]{5})")


def _tag(key: str) -> str:
    """Return 25 bits of the key's SHA-256 as five base32 letters: keys are too long for a short barcode."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest()[:5])[:5].decode()


def tick_code(item_key: str, material_key: str) -> str:
    """Return the text of the barcode that ticks a material: ``M-`` item tag ``-`` material tag, upper case.

    Tags are five characters of ``A-Z2-7``, so that the code is short (13 ≤ ``MAX_TICK_CODE``), free of
    characters keyboard layouts disagree on, and says nothing personal.
    """
    return f"M-{_tag(item_key)}-{_tag(material_key)}"


def parse_tick_code(text: str) -> TickCode | None:
    """Return what a scanned text ticks, or None when it is no tick code; case and blanks around do not matter."""
    found = _TICK.fullmatch(text.strip().upper())
    return TickCode(found[1], found[2]) if found else None
