"""An embedded PostgreSQL in the centre's data folder, for demo, tests and small centres alike (DESIGN §9).

The cluster is ``DATA/pg``; it listens on a socket in a private folder (on Windows: on loopback) and asks for the
password in ``DATA/pg.password`` either way. It is as durable as PostgreSQL can be: fsync and synchronous commit on.

Nothing is left behind: the postmaster is stopped on exit, and on Linux the kernel stops it when the process that
started it dies, even by kill -9. A cluster that is found running is used as it is and left running, so that
administration works while the centre serves.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import psycopg

from jinpu_desk.domain.errors import Unavailable

from .postgres_files import account, give, let_walk_to, programs

USER = "jinpu"
DATABASE = "jinpu"
SOCKET_PATH = 107
"""Longest path of a socket in bytes (sun_path of unix(7))."""
_START_SECONDS = 60.0
_GOING_DOWN = ("postmaster.pid", "shared memory block")
"""What PostgreSQL says (in English, see ``_environment``) when another one is still on the same folder."""
_LOG_LINES = 200
_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "max_connections": "120",
    "jit": "off",
    "timezone": "UTC",
    "logging_collector": "off",
    "log_min_messages": "warning",
}


class Address(msgspec.Struct, frozen=True):
    """Where a running cluster listens: a folder (socket) or a host, and a port."""

    host: str
    port: int

    def url(self, password: str, database: str = DATABASE) -> str:
        """Return the address as SQLAlchemy and psycopg read it."""
        login = f"postgresql://{USER}:{quote(password, safe='')}@"
        return f"{login}/{database}?host={quote(self.host, safe='')}&port={self.port}"


class Cluster:
    """The PostgreSQL cluster of one data folder."""

    def __init__(self, data: Path) -> None:
        """Name the cluster in ``data``; nothing is started or written yet."""
        self._data = data.resolve()
        self._pg = self._data / "pg"
        self._password = self._data / "pg.password"

    @property
    def exists(self) -> bool:
        """Whether the cluster was made."""
        return (self._pg / "PG_VERSION").exists()

    @property
    def lives(self) -> bool:
        """Whether its PostgreSQL runs, be it that it is just recovering; a file that cannot be read tells nothing."""
        try:
            pid = int((self._pg / "postmaster.pid").read_text().split("\n", 1)[0])
        except FileNotFoundError:
            return False
        except (OSError, ValueError):
            return True
        return _alive(pid)

    def create(self) -> None:
        """Make the cluster: UTF-8, code-point order, scram passwords, a checksum on each page.

        Raises Unavailable ``server.postgres`` with what initdb said.
        """
        owner = account()
        self._data.mkdir(parents=True, exist_ok=True)
        self._pg.mkdir(mode=0o700, exist_ok=True)
        give(self._pg, owner)
        if owner is not None:
            let_walk_to(self._pg)
            let_walk_to(programs() / "initdb")
        password = secrets.token_hex(24)
        # initdb must be able to read the password file as the other user, once.
        with tempfile.TemporaryDirectory(prefix="jinpu-") as folder:
            handed = Path(folder) / "password"
            handed.write_text(password)
            give(Path(folder), owner)
            give(handed, owner)
            self._run("initdb", "-D", str(self._pg), "-U", USER, "-A", "scram-sha-256",
                      f"--pwfile={handed}", "-E", "UTF8", "--locale=C", "--locale-provider=builtin",
                      "--builtin-locale=C.UTF-8", "--data-checksums")  # fmt: skip
        descriptor = os.open(self._password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
        with self.running() as url:
            _create_database(url)

    @contextlib.contextmanager
    def running(self, database: str = DATABASE) -> Iterator[str]:
        """Give the address of the database; start the cluster for the length of the block unless it runs.

        Raises Unavailable ``server.not-initialised`` without a cluster, ``server.postgres`` when it will not start.
        """
        if not self._password.exists():
            raise Unavailable("server.not-initialised", path=str(self._data))
        password = self._password.read_text()
        process, address = self._reach(password)
        try:
            yield address.url(password, database)
        finally:
            if process is not None:
                _stop(process)
                with contextlib.suppress(OSError):
                    Path(address.host).rmdir()  # the socket's folder; on Windows there is none

    def _reach(self, password: str) -> tuple[subprocess.Popen[bytes] | None, Address]:
        """Return the running cluster's address, and its process if it had to be started.

        A cluster whose owner was killed a moment ago may still be going down, with its lock or its shared memory
        in the way; that passes by itself.
        """
        deadline = time.monotonic() + _START_SECONDS
        while True:
            found = self._address()
            if found is not None and _answers(found.url(password, "postgres")):
                return None, found
            try:
                return self._start(password)
            except Unavailable as error:
                going_down = any(sign in str(error.params["problem"]) for sign in _GOING_DOWN)
                if not going_down or time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def _address(self) -> Address | None:
        """Return where the cluster says it listens, if its postmaster is alive."""
        try:
            lines = (self._pg / "postmaster.pid").read_text().splitlines()
            pid, port, folder, host = int(lines[0]), int(lines[3]), lines[4], lines[5]
        except (OSError, IndexError, ValueError):
            return None
        return Address(folder or host, port) if _alive(pid) else None

    def _start(self, password: str) -> tuple[subprocess.Popen[bytes], Address]:
        owner = account()
        if owner is not None:
            let_walk_to(self._pg)
        log = (self._data / "postgres.log").open("ab")
        with log:
            process = subprocess.Popen(  # noqa: S603  (our own program, no shell)
                [programs() / "postgres", "-D", self._pg, *self._listen(), *_options()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._pg,
                env=_environment(),
                user=owner.uid if owner else None,
                group=owner.gid if owner else None,
                extra_groups=[] if owner else None,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509  (calls one loaded C function)
                start_new_session=True,
            )
        return process, self._await(process, password)

    def _await(self, process: subprocess.Popen[bytes], password: str) -> Address:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise Unavailable("server.postgres", problem=self._last_words(process.pid))
            address = self._address()
            if address is not None and _answers(address.url(password, "postgres")):
                return address
            time.sleep(0.02)
        _stop(process)
        raise Unavailable("server.postgres", problem="timeout")

    def _listen(self) -> list[str]:
        if sys.platform == "win32":
            return ["-c", "listen_addresses=127.0.0.1", "-c", f"port={_free_port()}"]
        return ["-c", "listen_addresses=", "-c", "port=5432", "-k", str(self._socket_folder())]

    def _socket_folder(self) -> Path:
        """Return a private folder whose path is short enough for a socket (107 bytes), ours alone."""
        name = hashlib.sha256(str(self._data).encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"jinpu-pg-{name}"
        if len(os.fsencode(folder)) > SOCKET_PATH - len("/.s.PGSQL.5432"):
            folder = Path("/tmp") / folder.name  # noqa: S108  (made private below, and the name is the cluster's)
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = account()
        wanted = owner.uid if owner else os.geteuid()
        if folder.is_symlink() or folder.stat().st_uid not in {wanted, os.geteuid()}:
            raise Unavailable("server.postgres", problem=f"{folder} belongs to somebody else")
        give(folder, owner)
        folder.chmod(0o700)
        return folder

    def _run(self, program: str, *arguments: str) -> None:
        owner = account()
        done = subprocess.run(  # noqa: S603  (our own program, no shell)
            [programs() / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._pg,
            env=_environment(),
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
        )
        if done.returncode:
            raise Unavailable("server.postgres", problem=done.stderr.strip()[-400:])

    def _last_words(self, pid: int) -> str:
        """Return what a PostgreSQL that ended wrote last, without what another one on the folder says meanwhile."""
        lines: list[str] = []
        with contextlib.suppress(OSError):
            lines = (
                (self._data / "postgres.log").read_text(errors="replace").strip().splitlines()[-_LOG_LINES:]
            )
        own = [line for line in lines if f" [{pid}] " in line]
        return "\n".join(own or lines)[-400:]


def _options() -> list[str]:
    return [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]


def _environment() -> dict[str, str]:
    # PostgreSQL must not inherit PGHOST and the like, nor a locale it does not ship.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _die_with_parent() -> Callable[[], None] | None:
    """Return what the child runs before it becomes PostgreSQL: ask Linux to stop it when we die."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # loaded before the fork, called after it
    set_death_signal = 1

    def ask() -> None:
        prctl(set_death_signal, signal.SIGINT, 0, 0, 0)

    return ask


def _alive(pid: int) -> bool:
    """Tell whether a process lives; where that cannot be asked, that it does."""
    if sys.platform == "win32":
        return True  # os.kill(pid, 0) would send Ctrl-C there
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, IndexError):  # one that was killed lingers until its parent looks
            if Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] == "Z":
                return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(url: str) -> None:
    with psycopg.connect(url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")  # the name is our own constant


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop PostgreSQL the fast way: sessions end, everything is written, nothing needs recovery."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=_START_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
