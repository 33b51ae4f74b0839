"""Back offices and portals: their credentials, and which cases are theirs."""

from __future__ import annotations

import re
import secrets

from sqlalchemy.engine import Engine

from jinpu_desk.catalogue.model import Catalogue
from jinpu_desk.domain.errors import Refused
from jinpu_desk.store.centre import offices as store
from jinpu_desk.store.centre.offices import OfficeRow

from ..people import token_hash

_NAME = re.compile(r"[^\W_][\w.@-]{0,55}")
_ACTOR = "office:"


def actor_of(office: OfficeRow) -> str:
    """Return the name under which an office stands in a case's history; no user can have it."""
    return f"{_ACTOR}{office.name}"


def add(
    engine: Engine,
    name: str,
    authorities: tuple[str, ...],
    items: tuple[str, ...],
    catalogue: Catalogue,
    now: int,
) -> str:
    """Add an office and return its bearer token, which is kept nowhere: only its hash is.

    Raises:
        Refused: ``office.name``, ``office.unknown-key`` for what the catalogue does not hold, ``office.taken``.
    """
    if not _NAME.fullmatch(name):
        raise Refused("office.name", "NAME", value=name)
    for key in authorities:
        if key not in catalogue.authorities:
            raise Refused("office.unknown-key", "--authority", value=key)
    for key in items:
        if key not in catalogue.items and key not in catalogue.packages:
            raise Refused("office.unknown-key", "--item", value=key)
    token = secrets.token_urlsafe(32)
    row = OfficeRow(name=name, authorities=authorities, items=items, added_at=now, revoked_at=None)
    with engine.begin() as connection:
        if not store.add_office(connection, row, token_hash(token)):
            raise Refused("office.taken", "NAME", value=name)
    return token


def revoke(engine: Engine, name: str, now: int) -> None:
    """Revoke an office. Raises Refused ``office.unknown``."""
    with engine.begin() as connection:
        if not store.revoke_office(connection, name, now):
            raise Refused("office.unknown", "NAME", value=name)


def every(engine: Engine) -> list[OfficeRow]:
    """Return every office there ever was, by name."""
    with engine.connect() as connection:
        return store.offices(connection)


def admitted(engine: Engine, token: str) -> OfficeRow:
    """Return the office a token belongs to.

    Raises Refused ``office.token`` (401) for no known one, ``office.revoked`` (403).
    """
    with engine.connect() as connection:
        row = store.office_by_token(connection, token_hash(token)) if token else None
    if row is None:
        raise Refused("office.token", "authorization")
    if row.revoked_at is not None:
        raise Refused("office.revoked", row.name)
    return row


def items_of(office: OfficeRow, catalogue: Catalogue) -> frozenset[str] | None:
    """Return the keys of the items and packages an office works on; None when it works on all."""
    if not office.authorities and not office.items:
        return None
    items = {key for key, item in catalogue.items.items() if item.authority in office.authorities}
    packages = {key for key, each in catalogue.packages.items() if each.authority in office.authorities}
    return frozenset(items | packages | set(office.items))


def require_scope(office: OfficeRow, catalogue: Catalogue, item: str) -> None:
    """Refuse (``office.scope``) what is not the office's to work on."""
    own = items_of(office, catalogue)
    if own is not None and item not in own:
        raise Refused("office.scope", "item", item=item)
