"""What may be shown of personal data by default (个人信息保护法; DOMAIN F16, D-§0).

| what | shown | example |
| --- | --- | --- |
| name, 2 characters | first | 王* |
| name, 3 or more | first and last, one * for each between | 王*明 |
| identity number | a quarter at each end, at most 4 | 2102**********0016 |
| mobile number | 3 and 4 | 139****0000 |
| address of a person | down to the township or street office | 大连市金州区演示街道**** |
| 统一社会信用代码 | all: it is public | 91210213MA10ABCD6L |
"""

from __future__ import annotations

import re

from jinpu_desk.domain.names import graphemes

STAR = "*"

PUBLIC_TYPES = frozenset({"001", "002"})
"""统一社会信用代码 and 组织机构代码 in ``resources/codes/id-types.toml``."""

HOUSE = STAR * 4
"""In place of the street, the house and the door, however long they are."""
_DIVISIONS = re.compile(r".*(?:[省市县旗镇乡]|街道|(?<![小社园])区)")


def mask_address(address: str) -> str:
    """Return an address down to its last administrative division; where none is named, its first two characters."""
    found = _DIVISIONS.match(address)
    head = found[0] if found else "".join(list(graphemes(address))[:2])
    return head + HOUSE if len(head) < len(address) else head


def mask_name(name: str) -> str:
    """Return a person's name with its middle hidden; a single character is hidden whole."""
    clusters = list(graphemes(name))
    if len(clusters) <= 1:
        return STAR * len(clusters)
    last = clusters[-1] if len(clusters) > 2 else STAR
    return clusters[0] + STAR * (len(clusters) - 2) + last


def mask_id(number: str) -> str:
    """Return an identity document's number with a quarter (at most 4 characters) shown at each end."""
    shown = min(4, len(number) // 4)
    return _mask(number, shown, shown)


def mask_phone(phone: str) -> str:
    """Return a telephone number with its middle hidden: 11 digits show 3 and 4, shorter ones at most 4 at the end."""
    if len(phone) >= 11:
        return _mask(phone, len(phone) - 8, 4)
    return _mask(phone, 0, min(4, len(phone) // 2))


def mask_identity(id_type: str, number: str) -> str:
    """Return the number as ``Applicant.identity`` gives it: organisations' codes are public, people's are masked."""
    return number if id_type in PUBLIC_TYPES else mask_id(number)


def _mask(text: str, head: int, tail: int) -> str:
    return text[:head] + STAR * (len(text) - head - tail) + text[len(text) - tail :]
