"""``POST /api/v1/replicas/{id}/reconciliation``: a window's day, counted together."""

from __future__ import annotations

from litestar import Controller, Response, post
from litestar.params import FromPath, RawBody

from jinpu_desk.sync.wire_house import ReconciliationAnswer, ReconciliationRequest

from ..events.reconciliation import reconcile
from .bodies import answer, read_body
from .described import described
from .routes import Joined, Plain, Sender, own_path

_LIMIT = 4 * 1024 * 1024


class Reconciliations(Controller):
    """Daily reconciliation."""

    tags = ["sync"]  # noqa: RUF012

    @post(
        "/replicas/{replica_id:str}/reconciliation",
        sync_to_thread=True,
        request_max_body_size=_LIMIT,
        **described(ReconciliationAnswer, 403, 422, asks=ReconciliationRequest, packed=True),
    )
    def count(
        self, request: Plain, centre: Joined, sender: Sender, replica_id: FromPath[str], body: RawBody
    ) -> Response[bytes]:
        """Compare a window's account of a day with what the centre holds, and sign the outcome."""
        own_path(sender, replica_id)
        asked = read_body(request, body, ReconciliationRequest, _LIMIT)
        url = str(request.base_url).rstrip("/")
        return answer(request, reconcile(centre, sender, asked, url))
