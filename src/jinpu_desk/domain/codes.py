"""Recognise and check the codes people bring: 统一社会信用代码, 身份证号, 办件编号, 事项编码 (DOMAIN B2, B5).

A failed check digit is a warning, never a wall: genuine codes that fail exist (DOMAIN §0.8). Nothing here is
refused for its region prefix either: districts merge and people move (DOMAIN §0.7).
"""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import Literal

import msgspec

from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.names import normalise_code
from jinpu_desk.domain.numbering import parse_case_no

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_DIGITS = "10X98765432"

_USCC = re.compile(rf"[{USCC_ALPHABET}]{{18}}")
_ID_18 = re.compile(r"[0-9]{17}[0-9X]")
_ID_15 = re.compile(r"[0-9]{15}")
_CASE_NO = re.compile(r"[0-9]{24}")
_BASIC = re.compile(r"[0-9A-Z]{12}")
_BUSINESS = re.compile(r"[0-9A-Z]{14}")
_IMPLEMENTATION = re.compile(rf"[{USCC_ALPHABET}]{{18}}[0-9][0-9A-Z]{{12}}(?:[0-9A-Z]{{2}})?")


class CodeKind(StrEnum):
    """What a code looks like."""

    USCC = "uscc"
    RESIDENT_ID = "resident-id"
    CASE_NO = "case-no"
    UNKNOWN = "unknown"


class CodeCheck(msgspec.Struct, frozen=True):
    """What a code is and whether it holds; ``value`` is the normalised (converted) text to store.

    ``warning`` is a message code. It is set whenever ``ok`` is False, and beside ``ok`` when something deserves
    a look all the same (a converted 15-digit number, an inner organisation code that does not fit). Its sentence
    has no blanks, so that no part of anybody's number travels with it.
    """

    kind: CodeKind
    ok: bool
    warning: str | None
    value: str


class Sex(StrEnum):
    """Sex as GB/T 2261.1 codes it."""

    MALE = "1"
    FEMALE = "2"


class ResidentId(msgspec.Struct, frozen=True):
    """What an 18-digit resident number says; ``converted`` when 15 digits were given."""

    number: str
    birth: dt.date
    sex: Sex
    region: str  # of first registration, not of residence
    converted: bool = False


def uscc_check_character(first17: str) -> str:
    """Return the 18th character of a 统一社会信用代码 (GB 32100-2015)."""
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(first17, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def organisation_check_character(first8: str) -> str:
    """Return the ninth character of an 组织机构代码 (GB 11714-1997)."""
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORG_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def resident_check_character(first17: str) -> str:
    """Return the 18th character of a 公民身份号码 (GB 11643-1999)."""
    total = sum(int(c) * w for c, w in zip(first17, _ID_WEIGHTS, strict=True))
    return _ID_DIGITS[total % 11]


def check_code(value: str, today: dt.date) -> CodeCheck:
    """Say what ``value`` is and whether its digits and dates hold; never raises on bad input.

    Separators, full-width characters and case do not matter.
    """
    text = normalise_code(value)
    if _CASE_NO.fullmatch(text):
        return _check_case_no(text)
    if _ID_15.fullmatch(text):
        found = check_resident_id(text, today)
        # Old 15-digit business registration numbers exist too; without a date in it this is not a person's.
        return (
            CodeCheck(CodeKind.UNKNOWN, False, "code.unknown", text)
            if found.warning == "code.resident-id.date"
            else found
        )
    if _ID_18.fullmatch(text) and _is_person(text, today):
        return check_resident_id(text, today)
    if _USCC.fullmatch(text):
        return check_uscc(text)
    return CodeCheck(CodeKind.UNKNOWN, False, "code.unknown", text)


def _is_person(text: str, today: dt.date) -> bool:
    """Tell a number that could be either kind apart: by the check digit that holds, then by the birth date."""
    person, body = check_resident_id(text, today), check_uscc(text)
    if person.ok != body.ok:
        return person.ok
    return person.warning != "code.resident-id.date"


def _check_case_no(text: str) -> CodeCheck:
    try:
        parse_case_no(text)
    except Refused as refusal:
        return CodeCheck(CodeKind.CASE_NO, False, refusal.code, text)
    return CodeCheck(CodeKind.CASE_NO, True, None, text)


def check_uscc(value: str) -> CodeCheck:
    """Check a 统一社会信用代码: alphabet, outer digit, then the organisation code inside it."""
    text = normalise_code(value)
    if not _USCC.fullmatch(text):
        return CodeCheck(CodeKind.USCC, False, "code.uscc.format", text)
    if uscc_check_character(text[:17]) != text[17]:
        return CodeCheck(CodeKind.USCC, False, "code.uscc.check-digit", text)
    inner = organisation_check_character(text[8:16]) == text[16]
    return CodeCheck(CodeKind.USCC, True, None if inner else "code.uscc.organisation-digit", text)


def check_resident_id(value: str, today: dt.date) -> CodeCheck:
    """Check a 公民身份号码: form, birth date up to ``today``, check digit; 15 digits are converted and marked."""
    text = normalise_code(value)
    try:
        person = parse_resident_id(text, today)
    except Refused as refusal:
        return CodeCheck(CodeKind.RESIDENT_ID, False, refusal.code, text)
    return CodeCheck(
        CodeKind.RESIDENT_ID, True, "code.resident-id.converted" if person.converted else None, person.number
    )


def parse_resident_id(value: str, today: dt.date) -> ResidentId:
    """Return what a resident number says.

    A 15-digit number is a birth in 19yy (GB 11643-1989). Raises Refused ``code.resident-id.format``, ``.date``,
    ``.future`` or ``.check-digit``, in this order.
    """
    text = normalise_code(value)
    converted = bool(_ID_15.fullmatch(text))
    if converted:
        text = text[:6] + "19" + text[6:]
        text += resident_check_character(text)
    if not _ID_18.fullmatch(text):
        raise Refused("code.resident-id.format")
    try:
        birth = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError as error:
        raise Refused("code.resident-id.date") from error
    if birth.year < 1800:
        raise Refused("code.resident-id.date")
    if birth > today:
        raise Refused("code.resident-id.future")
    if resident_check_character(text[:17]) != text[17]:
        raise Refused("code.resident-id.check-digit")
    sex = Sex.MALE if int(text[16]) % 2 else Sex.FEMALE
    return ResidentId(text, birth, sex, text[:6], converted)


ItemCodeKind = Literal["basic", "business", "implementation", "implementation-business"]


def item_code_kind(value: str) -> ItemCodeKind | None:
    """Return which catalogue code ``value`` has the form of; codes are opaque, their parts are not read.

    12 基本编码, 14 业务办理项编码, 31 实施编码, 33 with a 业务办理项 (GB/T 39554.1-2020; DOMAIN B2).
    """
    if _BASIC.fullmatch(value):
        return "basic"
    if _BUSINESS.fullmatch(value):
        return "business"
    if _IMPLEMENTATION.fullmatch(value):
        return "implementation" if len(value) == 31 else "implementation-business"
    return None
