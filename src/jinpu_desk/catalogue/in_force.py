"""What may be applied for on a day: items and packages in force, and no branch by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from jinpu_desk.domain.errors import Refused

from .checklist import Answers
from .model import Catalogue, Item, Package
from .packages import chosen_items


def in_force(source: Item | Package, day: date) -> bool:
    """Tell whether ``source`` is in force on ``day``; both its days are included."""
    started = source.effective_from is None or source.effective_from <= day
    return started and (source.effective_to is None or day <= source.effective_to)


def edition_on(editions: Iterable[Catalogue], day: date) -> Catalogue:
    """Return the catalogue in force on ``day``, of at least one; the latest published stands first.

    That one holds unless its time has not come: then, of those whose time has, the one in force since last. When
    there is none, the latest holds all the same, for a counter without any would be closed. Older editions are not
    looked at as long as the latest is in force.
    """
    waiting = iter(editions)
    latest = next(waiting)
    if latest.effective_from <= day:
        return latest
    begun = (edition for edition in waiting if edition.effective_from <= day)
    return max(begun, key=lambda edition: edition.effective_from, default=latest)


def refuse_closed(catalogue: Catalogue, target: str, *, package: bool, answers: Answers, day: date) -> None:
    """Refuse a new application for what is not offered on ``day``; running cases never come here.

    Raises:
        Refused: ``catalogue.not-in-force`` for an item or package outside its days, or a package in whose chosen
            branches one is; ``catalogue.only-in-package`` for a branch by itself. What the catalogue does not
            know is nobody's business here.
    """
    where = "package" if package else "item"
    if not package and target in catalogue.items and catalogue.items[target].role == "branch":
        raise Refused("catalogue.only-in-package", where, name=catalogue.items[target].name)
    for source in _wanted(catalogue, target, package, answers):
        if not in_force(source, day):
            raise Refused("catalogue.not-in-force", where, name=source.name, day=day.isoformat())


def _wanted(catalogue: Catalogue, target: str, package: bool, answers: Answers) -> Iterator[Item | Package]:
    if not package:
        yield from filter(None, [catalogue.items.get(target)])
    elif target in catalogue.packages:
        wanted = catalogue.packages[target]
        yield wanted
        yield from (item for _, item in chosen_items(catalogue, wanted, answers))
