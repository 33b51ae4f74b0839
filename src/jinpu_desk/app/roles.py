"""Which role may do which verb (``resources/roles.toml``); data, because offices differ."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping

import msgspec

from jinpu_desk.domain.errors import Refused


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role's Chinese name and its verbs."""

    label: str
    verbs: frozenset[str]


Roles = Mapping[str, Role]


def decode_roles(raw: bytes) -> Roles:
    """Read the role table. Raises msgspec.ValidationError when it has another shape (a bug: it ships with us)."""
    return msgspec.convert(tomllib.loads(raw.decode()), dict[str, Role])


def may(roles: Roles, held: Iterable[str], verb: str) -> bool:
    """Tell whether someone with the roles ``held`` may do ``verb``."""
    return any(verb in roles[name].verbs for name in held if name in roles)


def require(roles: Roles, held: Iterable[str], verb: str) -> None:
    """Let someone with the roles ``held`` do ``verb``, or refuse with ``role.may-not``."""
    if not may(roles, held, verb):
        raise Refused("role.may-not", verb=verb)


def labels(roles: Roles, held: Iterable[str]) -> tuple[str, ...]:
    """Return the Chinese names of the roles ``held``."""
    return tuple(roles[name].label if name in roles else name for name in held)
