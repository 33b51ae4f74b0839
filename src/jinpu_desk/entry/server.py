"""``jinpu-server``: makes, serves and administers a centre (CONTRACT).

Every command prints one JSON object. Exit 0 done, 2 refused, 3 unavailable; then one line with the error on stderr.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import platformdirs
import psycopg
import sqlalchemy as sa

from jinpu_desk.app.ports import Clock
from jinpu_desk.app.sentences import Sentences
from jinpu_desk.domain.errors import DeskError, Unavailable
from jinpu_desk.server import admin
from jinpu_desk.server.centre import Centre
from jinpu_desk.server.embedded import Cluster
from jinpu_desk.server.files.blobs import open_blobs
from jinpu_desk.server.files.snapshot_shelf import SnapshotShelf
from jinpu_desk.server.keys import CentreKey
from jinpu_desk.server.marks import Marker
from jinpu_desk.store.centre.engine import damage
from jinpu_desk.store.centre.registry import CentreRow

from .centre import admin as administer
from .centre import operation as operate
from .centre import publish
from .centre.options import BLOBS, add_serve_options
from .centre.place import Answer, Place, ask
from .clocks import process_clock
from .resources import folder_files, resources_dir
from .speech import DONE, Parser, complain, say, subject, without_resources

ADMINISTRATOR = "admin"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a bug raises."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    sentences = without_resources()
    arguments = argparse.Namespace()
    try:
        resources = resources_dir()
        sentences = _sentences(resources)
        _parser().parse_args(argv, arguments)
        url = arguments.database_url or os.environ.get("JINPU_DATABASE_URL", "")
        run: Callable[[Place, argparse.Namespace], Answer] = arguments.run
        answer = run(Place(arguments.data.resolve(), url, resources), arguments)
        if answer is not None:
            say(answer)
    except DeskError as error:
        error.where = error.where or subject(arguments)
        return complain(error, sentences)
    except sa.exc.OperationalError:
        return complain(Unavailable("server.database"), sentences)
    except (sa.exc.InternalError, psycopg.InternalError) as error:
        found = damage(error)
        if found is None:
            raise
        return complain(Unavailable("server.database-damaged", problem=found), sentences)
    return DONE


def _sentences(resources: Path) -> Sentences:
    return Sentences(folder_files(resources / "messages", ".toml"))


def _init(place: Place, arguments: argparse.Namespace) -> Answer:
    password = _administrator_password(training=arguments.training)
    try:
        place.data.mkdir(parents=True, exist_ok=True)
        writable = os.access(place.data, os.W_OK)
    except OSError as error:
        raise Unavailable("cli.unwritable", str(place.data)) from error
    if not writable:
        raise Unavailable("cli.unwritable", str(place.data))
    cluster = Cluster(place.data)
    if not place.database_url and not cluster.exists:
        cluster.create()
    with place.database() as engine:
        key = CentreKey.create(place.data)
        epoch = admin.initialise(engine, key, place.settings, training=arguments.training)
        clock = process_clock(training=arguments.training)
        admin.enrol_centre(engine, key, clock.now(), os.urandom)
        published = publish.publish_own(place, engine, clock.now(), training=arguments.training)
        if password:
            admin.add_user(
                engine, ADMINISTRATOR, password, ("administrator",), None,
                display_name="系统管理员", known_roles=("administrator",),
            )  # fmt: skip
    return {
        "data": str(place.data),
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
    return ask("JINPU_ADMIN_PASSWORD", "管理员密码：")


def _serve(place: Place, arguments: argparse.Namespace) -> Answer:
    # The web framework takes most of a second to load, which administration need not wait for.
    from .centre.serve import serve

    return serve(place, arguments, _joined)


def _joined(place: Place, engine: sa.Engine, row: CentreRow, clock: Clock, blobs: str) -> Centre:
    return Centre(
        engine=engine,
        key=CentreKey.load(place.data),
        row=row,
        clock=clock,
        entropy=os.urandom,
        blobs=open_blobs(blobs, place.data),
        settings=place.settings,
        sentences=_sentences(place.resources),
        snapshots=SnapshotShelf(place.data / "snapshots"),
        marker=Marker(place.data),
    )


def _snapshot_build(place: Place, arguments: argparse.Namespace) -> Answer:
    from .centre.snapshot import snapshot_build

    return snapshot_build(place, arguments, _joined)


def _snapshot_list(place: Place, arguments: argparse.Namespace) -> Answer:
    from .centre.snapshot import snapshot_list

    return snapshot_list(place, arguments)


def _bundle(place: Place, arguments: argparse.Namespace) -> Answer:
    from .centre.bundle import import_bundle

    with place.initialised() as (engine, row, clock):
        centre = _joined(place, engine, row, clock, arguments.blobs)
        return import_bundle(centre, arguments.file, arguments.out)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="jinpu-server", description="Makes, serves and administers a centre.")
    parser.add_argument("--data", type=Path, default=_default_data(), metavar="DIR")
    parser.add_argument(
        "--database-url", default="", metavar="URL", help="any PostgreSQL, in place of the embedded one"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = _command(commands, "init", _init, "make the database, the signing key and the administrator")
    init.add_argument("--training", action="store_true", help="for training and demonstration")

    add_serve_options(_command(commands, "serve", _serve, "serve until stopped"))

    station = _group(commands, "station")
    add = _command(station, "add", administer.station_add, "add a station")
    add.add_argument("code", metavar="CODE")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--number", help="the two digits in its case numbers")
    add.add_argument("--authority", default="")

    user = _group(commands, "user")
    add = _command(
        user, "add", administer.user_add, "add a user; the password comes from JINPU_PASSWORD or a prompt"
    )
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", action="append", required=True)
    add.add_argument("--station", default=None)
    add.add_argument("--display-name", default="")
    revoke = _command(user, "revoke", administer.user_revoke, "revoke a user")
    revoke.add_argument("name", metavar="NAME")

    enroll = _command(commands, "enroll", administer.enroll, "print a one-time code for a new window PC")
    enroll.add_argument("--station", required=True)

    revoke = _command(_group(commands, "replica"), "revoke", administer.replica_revoke, "revoke a window PC")
    revoke.add_argument("id", metavar="ID")
    _published(commands)
    _offices(_group(commands, "office"))
    snapshot = _group(commands, "snapshot")
    build = _command(snapshot, "build", _snapshot_build, "make what new windows of a station begin with")
    build.add_argument(
        "--station", required=True, metavar="CODE", help="HALL for windows that see everything"
    )
    _command(snapshot, "list", _snapshot_list, "list what is there")
    bundle = _command(_group(commands, "bundle"), "import", _bundle, "take in what a desk wrote on a stick")
    bundle.add_argument("file", type=Path, metavar="FILE")
    bundle.add_argument("--out", type=Path, metavar="ACK", help="where the answer goes (beside FILE)")
    bundle.add_argument("--blobs", default="", metavar="URL", help=BLOBS)
    _operation(commands)
    return parser


def _operation(commands: Any) -> None:
    backup = _command(
        commands,
        "backup",
        operate.backup,
        "back up, also while it serves; JINPU_BACKUP_PASSWORD seals the centre's key in it",
    )
    backup.add_argument("dir", type=Path, metavar="DIR", help="where the backups of this centre lie")
    backup.add_argument("--keep", type=_count, default=0, metavar="N", help="drop all but the newest N")
    restore = _command(commands, "restore", operate.restore_backup, "make the centre again in an empty place")
    restore.add_argument("dir", type=Path, metavar="DIR", help="a backup, or where they lie: then the newest")
    restore.add_argument("--centre-key", default="", metavar="HEX", help="take no other centre's")
    verify = _command(
        commands, "verify", operate.verify_all, "re-walk chains, cases, number blocks and attachments"
    )
    status = _command(commands, "status", operate.status, "say how the centre stands")
    for command in (backup, restore, verify, status):
        command.add_argument("--blobs", default="", metavar="URL", help=BLOBS)
    bump = _command(
        _group(commands, "epoch"), "bump", operate.epoch_bump, "let a restored centre give out numbers again"
    )
    bump.add_argument("--days", type=_count, metavar="N", help="how many days may be missing, if you know")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _published(commands: Any) -> None:
    catalogue = _group(commands, "catalogue")
    catalogue = _command(catalogue, "publish", publish.catalogue_publish, "publish a catalogue")
    catalogue.add_argument("dir", type=Path, metavar="DIR")
    year = _command(_group(commands, "calendar"), "publish", publish.calendar_publish, "publish a year")
    year.add_argument("file", type=Path, metavar="FILE")
    register = _group(commands, "register")
    register = _command(register, "publish", publish.register_publish, "publish a register")
    register.add_argument("name", metavar="NAME")
    register.add_argument("file", type=Path, metavar="FILE")
    register.add_argument("--source", default="", metavar="TEXT", help="where the list comes from")


def _offices(office: Any) -> None:
    add = _command(office, "add", administer.office_add, "give a back office a token; it is shown this once")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--authority", action="append", default=[], metavar="KEY")
    add.add_argument("--item", action="append", default=[], metavar="KEY")
    revoke = _command(office, "revoke", administer.office_revoke, "revoke a back office")
    revoke.add_argument("name", metavar="NAME")
    _command(office, "list", administer.office_list, "list back offices")


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
