"""Flat structs of the ports as rows of tables with the same column names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec.structs import asdict

T = TypeVar("T", bound=msgspec.Struct)


def to_values(struct: msgspec.Struct) -> dict[str, Any]:
    """Return the columns of a struct."""
    return asdict(struct)


def from_values(kind: type[T], rows: Iterable[sa.Row[Any]]) -> tuple[T, ...]:
    """Return the structs that rows hold."""
    return tuple(kind(**row._asdict()) for row in rows)
