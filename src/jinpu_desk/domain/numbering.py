"""Numbers that are final at the counter, network or not: 办件编号 and 文号 (DESIGN §5, DOMAIN B4, D-§0)."""

from __future__ import annotations

import datetime as dt
import re
import string

import msgspec

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import CaseNo
from jinpu_desk.domain.names import normalise_code

LAST_SERIAL = 9999
LAST_SERIES = 999
DEFAULT_TEMPLATE = "{代字}受字〔{yyyy}〕{n}号"

_PAD = re.compile(r"0[1-9]")


class CaseNumber(msgspec.Struct, frozen=True):
    """A case number taken apart: 区划6 站点2 序列3 yyyymmdd 流水4 Luhn1."""

    division: str
    station: str
    series: str
    day: dt.date
    serial: int
    check: str

    @property
    def text(self) -> CaseNo:
        """The 24 digits."""
        return CaseNo(
            f"{self.division}{self.station}{self.series}{self.day:%Y%m%d}{self.serial:04}{self.check}"
        )

    @property
    def spaced(self) -> str:
        """The number in its parts, for reading aloud: 210213 03 002 20261123 0001 1."""
        t = self.text
        return " ".join((t[:6], t[6:8], t[8:11], t[11:19], t[19:23], t[23]))


def luhn_digit(digits: str) -> str:
    """Return the Luhn check digit to append to ``digits`` (ISO/IEC 7812-1 annex B)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def make_case_no(division: str, station: str, series: int, day: dt.date, serial: int) -> CaseNo:
    """Return the case number for the ``serial``-th case of ``series`` on ``day``.

    Raises Refused ``numbering.division``, ``.station``, ``.series``, ``.serial`` when a part does not fit.
    """
    if not re.fullmatch(r"[0-9]{6}", division):
        raise Refused("numbering.division", value=division)
    if not re.fullmatch(r"[0-9]{2}", station):
        raise Refused("numbering.station", value=station)
    if not 0 <= series <= LAST_SERIES:
        raise Refused("numbering.series", value=series, last=LAST_SERIES)
    if not 1 <= serial <= LAST_SERIAL:
        raise Refused("numbering.serial", value=serial, last=LAST_SERIAL)
    body = f"{division}{station}{series:03}{day:%Y%m%d}{serial:04}"
    return CaseNo(body + luhn_digit(body))


def next_serial(used: int) -> int:
    """Return the serial after ``used``, the highest one burned by this series **for that day** (0 when none).

    Asking per day keeps numbers unique even when the clock was set back to an earlier day. A void number stays
    used. Raises Refused ``numbering.serial-exhausted`` after 9999.
    """
    if used >= LAST_SERIAL:
        raise Refused("numbering.serial-exhausted", last=LAST_SERIAL)
    return used + 1


def parse_case_no(text: str) -> CaseNumber:
    """Return the parts of a case number; spaces, hyphens and full-width digits are accepted.

    Raises Refused ``numbering.case-no.format``, ``.check-digit``, ``.date`` or ``.serial``, in this order.
    """
    digits = normalise_code(text)
    if not re.fullmatch(r"[0-9]{24}", digits):
        raise Refused("numbering.case-no.format", length=len(digits))
    if luhn_digit(digits[:23]) != digits[23]:
        raise Refused("numbering.case-no.check-digit")
    try:
        day = dt.date(int(digits[11:15]), int(digits[15:17]), int(digits[17:19]))
    except ValueError as error:
        raise Refused("numbering.case-no.date") from error
    serial = int(digits[19:23])
    if serial == 0:
        raise Refused("numbering.case-no.serial")
    return CaseNumber(digits[:6], digits[6:8], digits[8:11], day, serial, digits[23])


def scanned_case_no(text: str) -> CaseNumber:
    """Return the parts of the case number in what a gun read: a Code 128, or the address in a paper's QR (…/p/NUMBER#…).

    Raises Refused as ``parse_case_no``.
    """
    return parse_case_no(text.strip().partition("#")[0].rpartition("/p/")[2])


def render_doc_no(template: str, year: int, number: int, authority: str = "") -> str:
    """Return a document number such as 金普市监受字〔2026〕123号: no 第, no padding (GB/T 9704-2012).

    Blanks are ``{代字}`` (filled by ``authority``), ``{yyyy}`` and ``{n}``; ``{n:06}`` serves offices that still pad.
    Raises Refused ``numbering.template`` naming the blank that is unknown, missing or empty.
    """
    values: dict[str, str | int] = {"代字": authority, "yyyy": f"{year:04}", "n": number}
    check_template(template)
    if "{代字}" in template and not authority:
        raise Refused("numbering.template", template=template, blank="代字")
    return template.format(**values)


def check_template(template: str) -> None:
    """Refuse (``numbering.template``) a template that could not give every number its own text."""
    try:
        blanks = [
            (name, spec, turn)
            for _, name, spec, turn in string.Formatter().parse(template)
            if name is not None
        ]
    except ValueError as error:
        raise Refused("numbering.template", template=template, blank=str(error)) from error
    for name, spec, turn in blanks:
        padded = name == "n" and _PAD.fullmatch(spec or "")
        if name not in ("代字", "yyyy", "n") or turn or (spec and not padded):
            raise Refused("numbering.template", template=template, blank=name)
    for needed in ("yyyy", "n"):
        if needed not in (name for name, _, _ in blanks):
            raise Refused("numbering.template", template=template, blank=needed)
