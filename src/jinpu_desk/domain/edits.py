"""Setting fields of a case by path: ``form.name``, ``applicant.phone``, ``answers.address_mode``, ``agent`` …"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from .case import Case
from .errors import Refused
from .parties import Agent, Applicant

T = TypeVar("T", Applicant, Agent)


def apply_changes(case: Case, changes: dict[str, Any]) -> Case:
    """Return the case with each ``part.key`` path set to its new value.

    Raises:
        Refused: ``case.no-such-field`` for a path no case has.
    """
    for path, new in changes.items():
        part, _, key = path.partition(".")
        case = _set(case, part, key, new, path)
    return case


def _set(case: Case, part: str, key: str, new: Any, path: str) -> Case:
    match part:
        case "form":
            return replace(case, form=case.form | {key: new})
        case "answers":
            return replace(case, answers=case.answers | {key: new})
        case "applicant" if key in Applicant.__struct_fields__:
            return replace(case, applicant=_converted(case.applicant, key, new, path))
        case "agent" if not key:
            return replace(case, agent=None if new is None else _agent(new, path))
        case "agent" if case.agent is not None and key in Agent.__struct_fields__:
            return replace(case, agent=_converted(case.agent, key, new, path))
        case "delivery" if not key and new in {"pick-up", "post", "electronic"}:
            return replace(case, delivery=new)
        case "external_no" if not key and isinstance(new, str):
            return replace(case, external_no=new)
        case _:
            raise Refused("case.no-such-field", path)


def _agent(new: Any, path: str) -> Agent:
    try:
        return msgspec.convert(new, Agent)
    except msgspec.ValidationError as error:
        raise Refused("case.bad-value", path, problem=str(error)) from error


def _converted(party: T, key: str, new: Any, path: str) -> T:
    try:
        return msgspec.convert(msgspec.to_builtins(party) | {key: new}, type(party))
    except msgspec.ValidationError as error:
        raise Refused("case.bad-value", path, problem=str(error)) from error
