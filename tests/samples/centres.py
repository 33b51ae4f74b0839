"""A real centre on a real PostgreSQL: one cluster per run, one database per test, copied from a template."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from jinpu_desk.app.ports.sync import Settled
from jinpu_desk.app.sentences import Sentences
from jinpu_desk.domain import bodies as b
from jinpu_desk.domain.events import Event
from jinpu_desk.domain.ids import CaseId
from jinpu_desk.server import admin, people
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.server.events import receive
from jinpu_desk.server.files.blobs import in_folder
from jinpu_desk.server.http.app import application
from jinpu_desk.server.http.door import Patience
from jinpu_desk.server.http.metrics_gate import Gate
from jinpu_desk.server.http.serving import Place, configured
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.settings import decode_settings
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.engine import connect, migrate
from jinpu_desk.sync.transport import HttpCentre
from jinpu_desk.sync.wire import EnrolAnswer, EnrolRequest, Push, PushAnswer, to_wire

from .cases import CASE, CLERK, Chain
from .stores import StoppedClock

RESOURCES = Path(__file__).parents[2] / "resources"
SETTINGS = decode_settings((RESOURCES / "centre.toml").read_bytes())
SENTENCES = Sentences({p.name: p.read_bytes() for p in sorted((RESOURCES / "messages").glob("*.toml"))})
CENTRE_KEY = CentreKey(bytes(range(32)))
PASSWORD = "演示口令"
_NUMBERS = itertools.count(1)


def certificate(key: Ed25519PrivateKey) -> bytes:
    """Return a self-signed certificate of ``key`` in DER, as a desk makes it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "演示终端")])
    start = StoppedClock().now()
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=start,
        not_valid_after=start + timedelta(days=3650),
    )
    from cryptography.hazmat.primitives.serialization import Encoding

    return builder.sign(key, None).public_bytes(Encoding.DER)


class Window:
    """An enrolled window PC that writes and pushes without a store."""

    def __init__(self, centre: Centre, station: str = "JP03") -> None:
        self.centre = centre
        self.key = Ed25519PrivateKey.generate()
        code = admin.make_code(centre.engine, station, centre.now() + 1000)
        asked = EnrolRequest(
            code=code,
            window="综合窗口07",
            public_key=self.key.public_key().public_bytes_raw(),
            certificate=certificate(self.key),
        )
        self.enrolled: EnrolAnswer = people.enrol(centre, asked, "127.0.0.1", "http://127.0.0.1:1")
        self.chain = Chain(self.enrolled.replica.id)

    @property
    def id(self) -> str:
        return self.enrolled.replica.id

    def row(self) -> registry.ReplicaRow:
        """Return the centre's own record of it."""
        with self.centre.engine.connect() as connection:
            found = registry.replica_by_token(connection, people.token_hash(self.enrolled.token))
        assert found is not None
        return found

    def write(self, *said: b.Body, case: CaseId = CASE, base: dict[str, int] | None = None) -> list[Event]:
        """Write events that continue its chain."""
        return [self.chain.write(body, case=case, base=base, actor=CLERK) for body in said]

    def signed(self, events: Sequence[Event]) -> Push:
        """Return the push of events that end at the head of the chain."""
        head = self.chain.head
        return Push(
            events=[to_wire(event) for event in events], head=head, signature=self.key.sign(head.statement())
        )

    def push(self, push: Push) -> PushAnswer:
        """Push past HTTP."""
        opened = receive.open_push(self.row(), push)
        return receive.take_in(self.centre.ledger, self.id, opened, push.signature, self.centre.now())

    def say(self, *said: b.Body, case: CaseId = CASE, base: dict[str, int] | None = None) -> list[Settled]:
        """Write and push; return the outcomes."""
        return self.push(self.signed(self.write(*said, case=case, base=base))).outcomes


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], str]]:
    """A running cluster with a template of an initialised training centre; gives the address of a database."""
    folder = Path(tempfile.mkdtemp(prefix="jinpu-pg-tests-"))
    cluster = Cluster(folder)
    cluster.create()
    with cluster.running() as url:

        def address(database: str) -> str:
            return url.replace("/jinpu?", f"/{database}?")

        _execute(address("postgres"), "CREATE DATABASE model")
        engine = connect(address("model"))
        migrate(engine)
        admin.initialise(engine, CENTRE_KEY, SETTINGS, training=True)
        admin.add_user(
            engine, CLERK, PASSWORD, ("clerk",), None, display_name="演示人员", known_roles=("clerk",)
        )
        engine.dispose()
        yield address
    shutil.rmtree(folder)


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def database(postgres: Callable[[str], str]) -> Iterator[str]:
    """The address of a database of its own, already initialised."""
    name = f"t{next(_NUMBERS)}"
    _execute(postgres("postgres"), f"CREATE DATABASE {name} TEMPLATE model")
    yield postgres(name)
    _execute(postgres("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def centre(database: str, tmp_path: Path) -> Iterator[Centre]:
    """A centre joined by hand, with a clock that stands."""
    engine = connect(database)
    with engine.connect() as connection:
        row = registry.centre(connection)
    assert row is not None
    yield Centre(
        engine=engine,
        key=CENTRE_KEY,
        row=row,
        clock=StoppedClock(),
        entropy=os.urandom,
        blobs=in_folder(tmp_path / "centre-blobs"),
        settings=SETTINGS,
        sentences=SENTENCES,
    )
    engine.dispose()


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        self.up.set()


@contextmanager
def served(
    centre: Centre,
    gate: Gate | None = None,
    patience: Patience | None = None,
    place: Place | None = None,
) -> Iterator[str]:
    """Serve on loopback for the length of the block, set up as the product is; give the address."""
    config = configured(application(centre, gate, patience=patience), place or Place())
    config.port = 0
    config.port = 0  # the product hands over a socket; here the server takes a free one
    server = _Announced(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.up.wait(30)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"{'https' if config.is_ssl else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def address(centre: Centre) -> Iterator[str]:
    """The address of the served centre."""
    with served(centre) as url:
        yield url


@contextmanager
def connected(window: Window, url: str) -> Iterator[HttpCentre]:
    """Give the centre as that window reaches it."""
    with HttpCentre(url, window.enrolled.token) as http:
        yield http
