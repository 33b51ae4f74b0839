"""``jinpu-server``: makes, serves and administers a centre (CONTRACT).

Every command prints one JSON object. Exit 0 done, 2 refused, 3 unavailable; then one line with the error on stderr.
"""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import platformdirs
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from jinpu_desk.app.ports import Clock
from jinpu_desk.app.roles import decode_roles
from jinpu_desk.app.sentences import Sentences
from jinpu_desk.catalogue.check import check
from jinpu_desk.catalogue.load import read_dir
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.server import admin, library
from jinpu_desk.server.blobs import open_blobs
from jinpu_desk.server.centre import Centre, millis
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.settings import CentreSettings, decode_settings
from jinpu_desk.server.verify import verify
from jinpu_desk.store.centre import registry
from jinpu_desk.store.centre.engine import connect, migrate

from .clocks import process_clock
from .resources import folder_files, resources_dir
from .speech import DONE, Parser, complain, say

ADMINISTRATOR = "admin"
_NEVER = 4_102_444_800_000  # 2100-01-01, UTC ms
Answer = dict[str, Any] | None


class Desk(msgspec.Struct, frozen=True):
    """What every command works with: the data folder, the database's address if named, and the resources."""

    data: Path
    database_url: str
    resources: Path

    @property
    def settings(self) -> CentreSettings:
        """The centre's settings."""
        return decode_settings((self.resources / "centre.toml").read_bytes())

    @contextmanager
    def database(self) -> Iterator[Engine]:
        """Give an engine to the migrated database, embedded unless an address was named."""
        if self.database_url:
            yield from self._engine(self.database_url)
            return
        with Cluster(self.data).running() as url:
            yield from self._engine(url)

    @contextmanager
    def initialised(self) -> Iterator[tuple[Engine, registry.CentreRow, Clock]]:
        """Give engine, the centre's row and its clock. Raises Unavailable ``server.not-initialised``."""
        with self.database() as engine:
            with engine.connect() as connection:
                row = registry.centre(connection)
            if row is None:
                raise Unavailable("server.not-initialised", path=str(self.data))
            yield engine, row, process_clock(training=row.training)

    @staticmethod
    def _engine(url: str) -> Iterator[Engine]:
        engine = connect(url)
        try:
            migrate(engine)
            yield engine
        finally:
            engine.dispose()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a bug raises."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    sentences = Sentences({})
    try:
        resources = resources_dir()
        sentences = _sentences(resources)
        arguments = _parser().parse_args(argv)
        url = arguments.database_url or os.environ.get("JINPU_DATABASE_URL", "")
        run: Callable[[Desk, argparse.Namespace], Answer] = arguments.run
        answer = run(Desk(arguments.data.resolve(), url, resources), arguments)
    except DeskError as error:
        return complain(error, sentences)
    except sa.exc.OperationalError:
        return complain(Unavailable("server.database"), sentences)
    if answer is not None:
        say(answer)
    return DONE


def _sentences(resources: Path) -> Sentences:
    return Sentences(folder_files(resources / "messages", ".toml"))


def _init(desk: Desk, arguments: argparse.Namespace) -> Answer:
    password = _administrator_password(training=arguments.training)
    desk.data.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(desk.data)
    if not desk.database_url and not cluster.exists:
        cluster.create()
    with desk.database() as engine:
        key = CentreKey.create(desk.data)
        epoch = admin.initialise(engine, key, desk.settings, training=arguments.training)
        clock = process_clock(training=arguments.training)
        admin.enrol_centre(engine, key, clock.now(), os.urandom)
        published = _publish_own(desk, engine, millis(clock.now()), training=arguments.training)
        if password:
            admin.add_user(
                engine, ADMINISTRATOR, password, ("administrator",), None,
                display_name="系统管理员", known_roles=("administrator",),
            )  # fmt: skip
    return {
        "data": str(desk.data),
        "training": arguments.training,
        "epoch": epoch,
        "centre_key": key.public.hex(),
        "administrator": ADMINISTRATOR if password else None,
        "published": published,
    }


def _administrator_password(*, training: bool) -> str:
    """Return the administrator's password; a training centre may do without one."""
    password = os.environ.get("JINPU_ADMIN_PASSWORD", "")
    if password or training:
        return password
    return _ask("JINPU_ADMIN_PASSWORD", "管理员密码：")


def _publish_own(desk: Desk, engine: Engine, now: int, *, training: bool) -> dict[str, str]:
    """Publish the calendars that ship with the product, and in training its demo catalogue."""
    published = {}
    years = folder_files(desk.resources / "calendars", ".json")
    if years:
        published[library.CALENDARS] = str(admin.publish_calendars(engine, years, now)[0])
    if training:
        items = _checked_catalogue(desk.resources / "catalogue")
        published[library.CATALOGUE] = str(admin.publish_catalogue(engine, items, now)[0])
    return published


def _serve(desk: Desk, arguments: argparse.Namespace) -> Answer:
    # The web framework takes most of a second to load, which administration need not wait for.
    from jinpu_desk.server.http import application
    from jinpu_desk.server.serving import Place, serve

    with desk.initialised() as (engine, row, clock):
        key = CentreKey.load(desk.data)
        admin.enrol_centre(engine, key, clock.now(), os.urandom)
        centre = Centre(
            engine=engine,
            key=key,
            row=row,
            clock=clock,
            entropy=os.urandom,
            blobs=open_blobs(arguments.blobs, desk.data),
            settings=desk.settings,
            sentences=_sentences(desk.resources),
        )
        place = Place(
            host=arguments.host,
            port=arguments.port,
            ready_file=arguments.ready_file,
            tls_cert=arguments.tls_cert,
            tls_key=arguments.tls_key,
            stop_with=sys.stdin.fileno() if arguments.stop_with_stdin else None,
        )
        serve(application(centre), place)
    return None


def _station_add(desk: Desk, arguments: argparse.Namespace) -> Answer:
    authority = arguments.authority or desk.settings.authority
    with desk.initialised() as (engine, _row, clock):
        row = admin.add_station(engine, arguments.code, arguments.name, arguments.number, authority)
        admin.enrol_centre(engine, CentreKey.load(desk.data), clock.now(), os.urandom)
    return msgspec.structs.asdict(row)


def _user_add(desk: Desk, arguments: argparse.Namespace) -> Answer:
    roles = decode_roles((desk.resources / "roles.toml").read_bytes())
    with desk.initialised() as (engine, _row, _clock):
        row = admin.add_user(
            engine,
            arguments.name,
            _ask("JINPU_PASSWORD", f"{arguments.name} 的密码："),
            tuple(dict.fromkeys(arguments.role)),
            arguments.station,
            display_name=arguments.display_name,
            known_roles=roles,
        )
    return {"user": row.name, "roles": list(row.roles), "station": row.station}


def _user_revoke(desk: Desk, arguments: argparse.Namespace) -> Answer:
    with desk.initialised() as (engine, _row, clock):
        admin.revoke_user(engine, arguments.name, millis(clock.now()))
    return {"user": arguments.name, "revoked": True}


def _enroll(desk: Desk, arguments: argparse.Namespace) -> Answer:
    with desk.initialised() as (engine, row, clock):
        # In training the centre may run on another clock than this command, so its codes stay good.
        expires = _NEVER if row.training else millis(clock.now()) + desk.settings.limits.code_ms
        code = admin.make_code(engine, arguments.station, expires)
    return {"code": code, "station": arguments.station, "expires_at": expires}


def _replica_revoke(desk: Desk, arguments: argparse.Namespace) -> Answer:
    with desk.initialised() as (engine, _row, clock):
        admin.revoke_replica(engine, arguments.id, millis(clock.now()))
    return {"replica": arguments.id, "revoked": True}


def _catalogue_publish(desk: Desk, arguments: argparse.Namespace) -> Answer:
    files = _checked_catalogue(arguments.dir)
    with desk.initialised() as (engine, _row, clock):
        digest, new = admin.publish_catalogue(engine, files, millis(clock.now()))
    return {"kind": library.CATALOGUE, "digest": digest, "files": len(files), "new": new}


def _checked_catalogue(folder: Path) -> dict[str, bytes]:
    """Return the files of a catalogue that may be published; refuse it with the first thing wrong in it."""
    files = read_dir(folder)
    for fault in check(files):
        raise Refused(fault.code, fault.where, article="", **fault.params)
    return files


def _calendar_publish(desk: Desk, arguments: argparse.Namespace) -> Answer:
    try:
        raw = arguments.file.read_bytes()
    except OSError as error:
        raise Refused("calendar.unreadable", "FILE", path=str(arguments.file)) from error
    with desk.initialised() as (engine, _row, clock):
        digest, new = admin.publish_calendars(engine, {arguments.file.name: raw}, millis(clock.now()))
    return {"kind": library.CALENDARS, "digest": digest, "new": new}


def _verify(desk: Desk, _arguments: argparse.Namespace) -> Answer:
    with desk.initialised() as (engine, _row, _clock):
        report = verify(engine)
    answer: dict[str, Any] = msgspec.to_builtins(report)
    if report.ok:
        return answer
    say(answer)
    raise Refused("server.verify", "problems", count=len(report.problems))


def _ask(variable: str, prompt: str) -> str:
    """Return a secret from the environment or the terminal; never from arguments."""
    value = os.environ.get(variable, "")
    if value:
        return value
    if not sys.stdin.isatty():
        raise Refused("user.password", variable)
    return getpass.getpass(prompt)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="jinpu-server", description="Makes, serves and administers a centre.")
    parser.add_argument("--data", type=Path, default=_default_data(), metavar="DIR")
    parser.add_argument(
        "--database-url", default="", metavar="URL", help="any PostgreSQL, in place of the embedded one"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = _command(commands, "init", _init, "make the database, the signing key and the administrator")
    init.add_argument("--training", action="store_true", help="for training and demonstration")

    server = _command(commands, "serve", _serve, "serve until stopped")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", type=int, default=0)
    server.add_argument("--ready-file", type=Path, metavar="F")
    server.add_argument("--blobs", default="", metavar="URL")
    server.add_argument("--tls-cert", type=Path, metavar="F")
    server.add_argument("--tls-key", type=Path, metavar="F")
    server.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends")

    station = _group(commands, "station")
    add = _command(station, "add", _station_add, "add a station")
    add.add_argument("code", metavar="CODE")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--number", help="the two digits in its case numbers")
    add.add_argument("--authority", default="")

    user = _group(commands, "user")
    add = _command(user, "add", _user_add, "add a user; the password comes from JINPU_PASSWORD or a prompt")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", action="append", required=True)
    add.add_argument("--station", default=None)
    add.add_argument("--display-name", default="")
    revoke = _command(user, "revoke", _user_revoke, "revoke a user")
    revoke.add_argument("name", metavar="NAME")

    enroll = _command(commands, "enroll", _enroll, "print a one-time code for a new window PC")
    enroll.add_argument("--station", required=True)

    revoke = _command(_group(commands, "replica"), "revoke", _replica_revoke, "revoke a window PC")
    revoke.add_argument("id", metavar="ID")
    publish = _command(_group(commands, "catalogue"), "publish", _catalogue_publish, "publish a catalogue")
    publish.add_argument("dir", type=Path, metavar="DIR")
    publish = _command(_group(commands, "calendar"), "publish", _calendar_publish, "publish a year")
    publish.add_argument("file", type=Path, metavar="FILE")
    _command(commands, "verify", _verify, "re-walk chains and projections")
    return parser


def _command(commands: Any, name: str, run: Callable[..., Answer], text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    # After the command too, where people write it; the value before it stays when it is not repeated.
    parser.add_argument("--database-url", default=argparse.SUPPRESS, metavar="URL")
    parser.set_defaults(run=run)
    return parser


def _group(commands: Any, name: str) -> Any:
    return commands.add_parser(name).add_subparsers(required=True, metavar="COMMAND")


def _default_data() -> Path:
    return Path(os.environ.get("JINPU_SERVER_DATA") or platformdirs.user_data_dir("jinpu-server"))


if __name__ == "__main__":
    sys.exit(main())
