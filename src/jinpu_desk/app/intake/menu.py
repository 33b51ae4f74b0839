"""The item menu of the intake page."""

from __future__ import annotations

from jinpu_desk.catalogue.search import ItemIndex
from jinpu_desk.domain.bodies import DocFamily

from ..desk import Desk
from ..screens.views import Chip, MenuItem
from .remarks import term_text
from .subject import HALL, subject_of

LIMIT = 50
PERSON = "person"
"""自然人, among whom an item's guide says it serves."""


def menu(desk: Desk, index: ItemIndex, text: str) -> tuple[MenuItem, ...]:
    """Return the items and packages in force today that fit ``text``; what this station may not take says why."""
    hits = index.find(text, hall=desk.replica.station == HALL, limit=LIMIT, day=desk.today())
    return tuple(_entry(desk, hit.key, hit.package) for hit in hits)


def _entry(desk: Desk, key: str, package: bool) -> MenuItem:
    subject = subject_of(desk, key, package, {}, agent=False)
    terms = subject.terms
    if package:
        chip = Chip("一件事", "info")
    elif subject.request:
        chip = Chip("诉求", "info")
    elif terms.family is DocFamily.FILING:
        chip = Chip("备案", "good" if terms.on_the_spot else "neutral")
    elif terms.family is DocFamily.REGISTRATION:
        chip = Chip("登记", "info")
    else:
        chip = Chip("即办件" if terms.on_the_spot else "承诺件", "good" if terms.on_the_spot else "neutral")
    return MenuItem(
        key=key,
        package=package,
        name=subject.name,
        authority=terms.authority,
        chips=(chip,),
        term=term_text(terms.legal_days, terms.promised_days) if not package else "按最长分支并联计算",
        may_take=subject.may_take,
        why_not="" if subject.may_take else desk.sentences.text("decision.station"),
        organisations=not package and _organisations(desk.catalogue.items[key].guide.serves),
    )


def _organisations(serves: tuple[str, ...]) -> bool:
    return bool(serves) and PERSON not in serves
