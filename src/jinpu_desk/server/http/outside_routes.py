"""The API of back offices and portals: pre-applications, the cases that wait, and what is said of them (DESIGN §9)."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter, RawBody
from litestar.response import Stream

from jinpu_desk.app.intake.file import SIZE_LIMIT
from jinpu_desk.app.intake.pre_application import PreApplication, decode_pre_application
from jinpu_desk.domain.errors import Refused
from jinpu_desk.domain.ids import Digest

from ..files.blobs import checked_digest
from ..outside import decisions, offices, pre_applications
from ..outside.answers import (
    Acted,
    CasePage,
    CaseWhole,
    DecisionRequest,
    ExtensionRequest,
    PauseRequest,
    PreApplied,
    ResumeRequest,
    whole_of,
)
from ..outside.requests import Caller, read_told
from ..reference import Reference
from .bodies import answer, plain_body
from .described import described
from .file_answers import file_answer
from .routes import Joined, Plain, bearer

T = TypeVar("T", bound=msgspec.Struct)
_SMALL = 64 * 1024
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Calling = NamedDependency[Caller]
Key = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=1, max_length=64)]
"""Names one decision of the office's for ever: sent again with it, a request gets the answer it had."""


def caller(request: Plain, centre: Joined, reference: NamedDependency[Reference]) -> Caller:
    """Return the office whose bearer token came with the request.

    Raises Refused ``office.token`` (401) or ``office.revoked`` (403).
    """
    office = offices.admitted(centre.engine, bearer(request))
    request.scope["state"]["office"] = office.name
    return Caller(centre, reference, office)


def _told(request: Plain, body: bytes, kind: type[T]) -> T:
    return read_told(plain_body(request, body, _SMALL), kind)


class PreApplications(Controller):
    """网上预申请."""

    tags = ["pre-applications"]  # noqa: RUF012
    path = "/pre-applications"

    @post(
        sync_to_thread=True,
        **described(PreApplied, 403, 409, 422, asks=PreApplication, status=201),
    )
    def send(self, request: Plain, caller: Calling, body: RawBody) -> Response[bytes]:
        """Open a case for an application; the same again under the same ``external_no`` changes nothing."""
        told = decode_pre_application(plain_body(request, body, SIZE_LIMIT))
        return answer(request, pre_applications.pre_apply(caller, told), 201)

    @get("/{external_no:str}", sync_to_thread=True, **described(CaseWhole, 403, 404, 422))
    def see(self, request: Plain, caller: Calling, external_no: FromPath[str]) -> Response[bytes]:
        """Show how a pre-application of this office stands."""
        case = pre_applications.state_of(caller, external_no)
        return answer(request, whole_of(case, caller.reference.calendar()))


class Cases(Controller):
    """The back office at work."""

    tags = ["back office"]  # noqa: RUF012

    @get("/offices/me/cases", sync_to_thread=True, **described(CasePage, 403, 422))
    def waiting(
        self,
        request: Plain,
        caller: Calling,
        after: Annotated[str | None, QueryParameter(pattern=_UUID)] = None,
    ) -> Response[bytes]:
        """List the cases that wait for this office, oldest first; ``after`` is what the page before ended with."""
        return answer(request, decisions.waiting(caller, after))

    @get("/cases/{case_no:str}", sync_to_thread=True, **described(CaseWhole, 403, 404))
    def see(self, request: Plain, caller: Calling, case_no: FromPath[str]) -> Response[bytes]:
        """Show a case of this office whole."""
        return answer(request, decisions.see(caller, case_no))

    @get(
        "/cases/{case_no:str}/files/{sha256:str}", sync_to_thread=True, **described(None, 403, 404, 416, 422)
    )
    def file(
        self, request: Plain, centre: Joined, caller: Calling, case_no: FromPath[str], sha256: FromPath[str]
    ) -> Stream:
        """Give a file that is attached to a case of this office."""
        wanted = Digest(checked_digest(sha256))
        if wanted not in {each.sha256 for each in decisions.see(caller, case_no).attachments}:
            raise Refused("http.not-found", sha256)
        return file_answer(request, centre.blobs, wanted)

    @post(
        "/cases/{case_no:str}/decisions",
        sync_to_thread=True,
        **described(Acted, 403, 404, 409, 422, asks=DecisionRequest, status=201),
    )
    def decide(
        self, request: Plain, caller: Calling, case_no: FromPath[str], key: Key, body: RawBody
    ) -> Response[bytes]:
        """Record the decision; the statutory clock stops on its day."""
        told = _told(request, body, DecisionRequest)
        return answer(request, decisions.decide(caller, case_no, key, told), 201)

    @post(
        "/cases/{case_no:str}/pauses",
        sync_to_thread=True,
        **described(Acted, 403, 404, 409, 422, asks=PauseRequest, status=201),
    )
    def pause(
        self, request: Plain, caller: Calling, case_no: FromPath[str], key: Key, body: RawBody
    ) -> Response[bytes]:
        """Stop the clock from today on."""
        return answer(request, decisions.pause(caller, case_no, key, _told(request, body, PauseRequest)), 201)

    @post(
        "/cases/{case_no:str}/resumptions",
        sync_to_thread=True,
        **described(Acted, 403, 404, 409, 422, asks=ResumeRequest, status=201),
    )
    def resume(
        self, request: Plain, caller: Calling, case_no: FromPath[str], key: Key, body: RawBody
    ) -> Response[bytes]:
        """Let the clock go on from today."""
        return answer(
            request, decisions.resume(caller, case_no, key, _told(request, body, ResumeRequest)), 201
        )

    @post(
        "/cases/{case_no:str}/extensions",
        sync_to_thread=True,
        **described(Acted, 403, 404, 409, 422, asks=ExtensionRequest, status=201),
    )
    def extend(
        self, request: Plain, caller: Calling, case_no: FromPath[str], key: Key, body: RawBody
    ) -> Response[bytes]:
        """Extend the term once."""
        told = _told(request, body, ExtensionRequest)
        return answer(request, decisions.extend(caller, case_no, key, told), 201)
