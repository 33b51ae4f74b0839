"""CEL conditions of the data, evaluated by the library and never by ``eval``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinpu_desk.domain.errors import Refused

if TYPE_CHECKING:
    import cel

VARIABLES = frozenset({"answers", "form", "agent"})
LENGTH_LIMIT = 1000
"""Longest condition, in characters."""


@lru_cache(maxsize=4096)
def compile_condition(source: str) -> cel.Program:
    """Return the compiled condition.

    Raises:
        Refused: ``catalogue.condition`` when it is too long, does not parse, or asks for something there is not.
    """
    import cel  # brings its own command line along, half a second that only conditions are worth

    if len(source) > LENGTH_LIMIT:
        raise Refused("catalogue.condition", source[:40], problem=f"超过 {LENGTH_LIMIT} 个字")
    try:
        program = cel.compile(source)
        unknown = set(program.variables()) - VARIABLES
    except (ValueError, RuntimeError) as error:
        raise Refused("catalogue.condition", source, problem=_first_line(error)) from error
    if unknown:
        raise Refused("catalogue.condition", source, problem="不认识 " + "、".join(sorted(unknown)))
    return program


def evaluate(source: str, context: Mapping[str, Any]) -> object:
    """Return what a condition gives.

    Raises:
        Refused: ``catalogue.condition`` when it cannot be evaluated, which a checked catalogue never does.
    """
    try:
        return compile_condition(source).execute(dict(context))
    except (KeyError, TypeError, RuntimeError, ValueError, OverflowError) as error:
        raise Refused("catalogue.condition", source, problem=_first_line(error)) from error


def holds(source: str, context: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds; an empty one always does.

    Raises:
        Refused: see ``evaluate``.
    """
    return not source or bool(evaluate(source, context))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
