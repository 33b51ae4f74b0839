"""CEL conditions of the data, evaluated by the library and never by ``eval``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel

from jinpu_desk.domain.errors import Refused

VARIABLES = frozenset({"answers", "form", "agent"})


@lru_cache(maxsize=4096)
def compile_condition(source: str) -> cel.Program:
    """Return the compiled condition.

    Raises:
        Refused: ``catalogue.condition`` when it does not parse or asks for something there is not.
    """
    try:
        program = cel.compile(source)
        unknown = set(program.variables()) - VARIABLES
    except ValueError as error:
        raise Refused("catalogue.condition", source, problem=str(error).splitlines()[0]) from error
    if unknown:
        raise Refused("catalogue.condition", source, problem="、".join(sorted(unknown)))
    return program


def holds(source: str, context: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds; an empty one always does.

    Raises:
        Refused: ``catalogue.condition`` when it cannot be evaluated, which a checked catalogue never does.
    """
    if not source:
        return True
    try:
        return bool(compile_condition(source).execute(dict(context)))
    except (KeyError, TypeError, RuntimeError, ValueError) as error:
        raise Refused("catalogue.condition", source, problem=str(error)) from error
