"""What the centre measures of itself, for Prometheus: counts and times by route template, nothing of any case or person.

With several processes each writes its numbers to files in ``PROMETHEUS_MULTIPROC_DIR``, which must be set before this
module is first imported; whichever process is asked adds them up.
"""

from __future__ import annotations

import os
from collections import Counter as Tally
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.engine import Engine

from jinpu_desk.app.ports.sync import Settled
from jinpu_desk.store.centre.ledgers import counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_MEANING = {
    "feed_position": "Position of the last event of the feed.",
    "replicas": "Window PCs that are enrolled and not revoked.",
    "cases_estimated": "Cases, as PostgreSQL estimates them.",
    "events_parked": "Events that are kept as conflicts for a person to resolve.",
    "events_dead": "Events that were kept and not accepted.",
}


class Meter:
    """The numbers of one process."""

    def __init__(self) -> None:
        """Start from nothing, or with several processes from what this one wrote."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "jinpu_requests",
            "Requests by route template, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "jinpu_request_seconds",
            "Time from the request's head to the answer's end.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._bytes = Counter(
            "jinpu_body_bytes",
            "Bytes of bodies by route template; those of attachments are among them.",
            ["route", "direction"],
            registry=self._registry,
        )
        self._events = Counter(
            "jinpu_pushed_events", "Events pushed, by the outcome told.", ["outcome"], registry=self._registry
        )
        self._throttled = Counter(
            "jinpu_throttled", "Requests turned away for coming too often.", ["by"], registry=self._registry
        )
        self._pool = Gauge(
            "jinpu_database_connections",
            "Connections to the database in use by requests.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )

    def answered(
        self, *, route: str, method: str, status: int, seconds: float, received: int, sent: int
    ) -> None:
        """Count a request. ``route`` is its template, never its path."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        self._bytes.labels(route, "received").inc(received)
        self._bytes.labels(route, "sent").inc(sent)

    def pushed(self, settled: Iterable[Settled]) -> None:
        """Count events by what became of them."""
        for outcome, count in Tally(one.outcome for one in settled).items():
            self._events.labels(outcome).inc(count)

    def throttled(self, by: str) -> None:
        """Count a request that was turned away by a bound of that name."""
        self._throttled.labels(by).inc()

    def pool(self, engine: Engine) -> None:
        """Note how many connections are in use."""
        if isinstance(engine.pool, sa.QueuePool):
            self._pool.set(engine.pool.checkedout())

    def text(self, engine: Engine) -> bytes:
        """Return all numbers, of all processes, and the counts of the database in the Prometheus text format."""
        whole = self._registry
        if os.environ.get(FOLDER_VARIABLE):
            whole = CollectorRegistry()
            MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
        held = CollectorRegistry()
        held.register(_Held(engine))
        return generate_latest(whole) + generate_latest(held)


class _Held(Collector):
    """What the database holds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        with self._engine.connect() as connection:
            found = counts(connection)
        for name, value in found.items():
            yield GaugeMetricFamily(f"jinpu_{name}", _MEANING[name], value=value)

    def describe(self) -> list[Metric]:
        """Nothing in advance: registering must not ask the database."""
        return []
