"""The centre as an ASGI application: API, health, and the public progress page."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qs

import sqlalchemy as sa
from litestar import Litestar, MediaType, Request, Response, Router, get, post
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath, RawBody

from jinpu_desk.app.intake.pre_application import PreApplication
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.store.centre.ledgers import counts
from jinpu_desk.sync.wire import API, EnrolRequest, LeaseRequest, LoginRequest, Push

from . import progress
from .centre import Centre
from .described import describe_bodies
from .outside_answers import DecisionRequest, ExtensionRequest, PauseRequest, ResumeRequest
from .outside_routes import Cases, PreApplications, caller
from .problems import handlers
from .reference import Reference
from .routes import Attachments, Doors, Events, Joined, Supplies, sender, uploader
from .snapshot_routes import Beginnings

_BODY_LIMIT = 1024 * 1024
ASKED = (
    EnrolRequest,
    LoginRequest,
    Push,
    LeaseRequest,
    PreApplication,
    DecisionRequest,
    PauseRequest,
    ResumeRequest,
    ExtensionRequest,
)
"""The bodies of requests, as OpenAPI describes them."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@get("/healthz", sync_to_thread=False)
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True)
def readyz(centre: Joined) -> dict[str, str]:
    """Say that the database answers too; 503 otherwise."""
    try:
        with centre.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.OperationalError as error:
        raise Unavailable("server.database") from error
    return {"status": "ready"}


@get("/metrics", sync_to_thread=True, media_type=MediaType.TEXT)
def metrics(centre: Joined) -> str:
    """Give the centre's counts in the Prometheus text format; they hold nothing personal."""
    with centre.engine.connect() as connection:
        gauges = counts(connection)
    return "".join(f"# TYPE jinpu_{name} gauge\njinpu_{name} {value}\n" for name, value in gauges.items())


@get("/p/{case_no:str}", sync_to_thread=False, include_in_schema=False)
def ask_progress(case_no: FromPath[str]) -> Response[str]:
    """Show the page that asks for the 查询码."""
    return _html(progress.ask(case_no))


@post("/p/{case_no:str}", sync_to_thread=True, include_in_schema=False, request_max_body_size=4096)
def show_progress(
    request: Request[Any, Any, Any], centre: Joined, case_no: FromPath[str], body: RawBody
) -> Response[str]:
    """Show where the case stands."""
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=4)
    caller = request.client.host if request.client else ""
    return _html(progress.show(centre, case_no, fields.get("code", [""])[0], caller))


def _html(answer: progress.Answer) -> Response[str]:
    return Response(answer.html, status_code=answer.status, media_type=MediaType.HTML, headers=_HEADERS)


def application(centre: Centre) -> Litestar:
    """Return the application that serves ``centre``."""
    reference = Reference(centre.engine)
    api = Router(
        API,
        route_handlers=[Doors, Events, Supplies, Beginnings, Attachments, PreApplications, Cases],
        dependencies={
            "sender": Provide(sender, sync_to_thread=True),
            "uploader": Provide(uploader, sync_to_thread=True),
            "reference": Provide(lambda: reference, sync_to_thread=False),
            "caller": Provide(caller, sync_to_thread=True),
        },
    )
    served = Litestar(
        route_handlers=[api, healthz, readyz, metrics, ask_progress, show_progress],
        dependencies={"centre": Provide(lambda: centre, sync_to_thread=False)},
        exception_handlers=handlers(centre.sentences),
        openapi_config=OpenAPIConfig("Jinpu Desk centre", version("jinpu-desk"), path="/schema"),
        request_max_body_size=_BODY_LIMIT,
        logging_config=None,
    )
    describe_bodies(served, ASKED)
    return served
