"""The centre as an ASGI application: API, health, and the public progress page."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import parse_qs

import sqlalchemy as sa
from litestar import Litestar, MediaType, Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath, RawBody

from jinpu_desk.app.intake.pre_application import PreApplication
from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.sync.wire import API, EnrolRequest, LeaseRequest, LoginRequest, Push
from jinpu_desk.sync.wire_house import ReconciliationRequest
from jinpu_desk.sync.wire_rare import CommonRequest, IncarnationRequest, Readmission

from ..centre import Centre
from ..limits import caller_of
from ..outside.answers import DecisionRequest, ExtensionRequest, PauseRequest, ResumeRequest
from ..progress import handlers as progress
from ..reference import Reference
from .beat import beating
from .bundle_routes import Bundles
from .described import describe_bodies, described, described_page
from .door import FrontDoor, Patience
from .house_routes import Reconciliations
from .metrics import CONTENT_TYPE, Meter
from .metrics_gate import Gate
from .outside_routes import Cases, PreApplications, caller
from .problems import handlers
from .rare_routes import Aftermath
from .routes import Attachments, Doors, Events, Joined, Plain, Supplies, sender, uploader
from .snapshot_routes import Beginnings

_BODY_LIMIT = 1024 * 1024
ASKED = (
    EnrolRequest,
    LoginRequest,
    Push,
    LeaseRequest,
    CommonRequest,
    IncarnationRequest,
    Readmission,
    ReconciliationRequest,
    PreApplication,
    DecisionRequest,
    PauseRequest,
    ResumeRequest,
    ExtensionRequest,
)
"""The bodies of requests, as OpenAPI describes them."""


@get("/healthz", sync_to_thread=False, **described(dict[str, str], open_to_all=True))
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/readyz", sync_to_thread=True, **described(dict[str, str], open_to_all=True))
def readyz(centre: Joined) -> dict[str, str]:
    """Say that the database answers too; 503 otherwise."""
    try:
        with centre.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.OperationalError as error:
        raise Unavailable("server.database") from error
    return {"status": "ready"}


@get("/metrics", sync_to_thread=True, **described(None, 403, open_to_all=True, gives="text/plain"))
def metrics(
    request: Plain, centre: Joined, meter: NamedDependency[Meter], gate: NamedDependency[Gate]
) -> Response[bytes]:
    """Give the centre's numbers in the Prometheus text format, to whom they are open."""
    gate.check(request)
    return Response(meter.text(centre.engine), headers={"Content-Type": CONTENT_TYPE})


@get("/p/{case_no:str}", sync_to_thread=False, **described_page(posted=False))
def ask_progress(case_no: FromPath[str]) -> Response[str]:
    """Show the page that asks for the 查询码."""
    return _html(progress.ask(case_no))


@post("/p/{case_no:str}", sync_to_thread=True, request_max_body_size=4096, **described_page(posted=True))
def show_progress(
    request: Plain,
    centre: Joined,
    reference: NamedDependency[Reference],
    case_no: FromPath[str],
    body: RawBody,
) -> Response[str]:
    """Show where the case stands."""
    asked = progress.Asked(
        case_no=case_no, query_code=_code(body), caller=caller_of(request.scope.get("client"))
    )
    told = progress.show(centre, reference, asked)
    if told.status == HTTPStatus.TOO_MANY_REQUESTS:
        request.scope["state"]["throttled"] = "progress.too-many"
    return _html(told)


def _code(form: bytes) -> str:
    """Return the 查询码 of the form; empty when there is none, or much else."""
    try:
        return parse_qs(form.decode("utf-8", "replace"), max_num_fields=4).get("code", [""])[0]
    except ValueError:
        return ""


def _html(answer: progress.Answer) -> Response[str]:
    return Response(
        answer.html,
        status_code=answer.status,
        media_type=MediaType.HTML,
        headers=progress.HEADERS | answer.headers,
    )


def application(centre: Centre, gate: Gate | None = None, *, patience: Patience | None = None) -> FrontDoor:
    """Return the application that serves ``centre``; ``gate`` says to whom the metrics are open (loopback alone)."""
    reference, meter, door = Reference(centre.engine), Meter(), gate or Gate()
    api = Router(
        API,
        route_handlers=[
            Doors,
            Events,
            Aftermath,
            Bundles,
            Reconciliations,
            Supplies,
            Beginnings,
            Attachments,
            PreApplications,
            Cases,
        ],
        dependencies={
            "sender": Provide(sender, sync_to_thread=True),
            "uploader": Provide(uploader, sync_to_thread=True),
            "caller": Provide(caller, sync_to_thread=True),
        },
    )
    served = Litestar(
        route_handlers=[api, healthz, readyz, metrics, ask_progress, show_progress],
        dependencies={
            "centre": Provide(lambda: centre, sync_to_thread=False),
            "reference": Provide(lambda: reference, sync_to_thread=False),
            "meter": Provide(lambda: meter, sync_to_thread=False),
            "gate": Provide(lambda: door, sync_to_thread=False),
        },
        exception_handlers=handlers(centre.sentences),
        openapi_config=OpenAPIConfig("Jinpu Desk centre", version("jinpu-desk"), path="/schema"),
        request_max_body_size=_BODY_LIMIT,
        logging_config=None,
        state=State({"centre": centre}),
        lifespan=[beating(centre)],
    )
    describe_bodies(served, ASKED)
    return FrontDoor(served, centre, meter, patience=patience)
