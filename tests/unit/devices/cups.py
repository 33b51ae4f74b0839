"""A CUPS of the test's own: loopback, private folders, and one printer whose paper the test holds."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"  # where Debian keeps them, and not on a user's PATH
CUPSD = shutil.which("cupsd", path=_PATH)

_CUPSD_CONF = """
Listen 127.0.0.1:{port}
Browsing No
DefaultAuthType None
<Location />
  Order allow,deny
  Allow localhost
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow localhost
  </Limit>
</Policy>
"""

_CUPS_FILES_CONF = """
{owner}
RequestRoot {root}/spool
CacheDir {root}/cache
StateDir {root}/state
ServerRoot {root}/root
ServerBin {root}/bin
TempDir {root}/tmp
AccessLog {root}/log/access
ErrorLog {root}/log/error
PageLog {root}/log/page
"""

# A printer that, without the file "paper", says it has none and waits; it breaks on the file "broken".
_BACKEND = """#!/bin/sh
[ $# = 0 ] && exit 0
[ -e "{root}/broken" ] && exit 4
while [ ! -e "{root}/paper" ]; do echo "STATE: +media-empty-error" >&2; sleep 0.05; done
echo "STATE: -media-empty-error" >&2
cat "${{6:--}}" > "{root}/out/$1-copies$4.pdf"
"""


class Cups:
    """A running spooler; ``server`` is what a client connects to, ``out`` is where paper comes out."""

    def __init__(self, root: Path, server: str) -> None:
        self.server = server
        self.out = root / "out"
        self._root = root

    def add_printer(self, name: str) -> None:
        self.admin("lpadmin", "-p", name, "-E", "-v", "desk:/paper", "-m", "raw")

    def admin(self, *command: str) -> None:
        tool = shutil.which(command[0], path=_PATH)
        assert tool is not None, command[0]
        subprocess.run([tool, "-h", self.server, *command[1:]], check=True, capture_output=True)

    def load_paper(self) -> None:
        (self._root / "paper").touch()

    def break_printer(self) -> None:
        (self._root / "broken").touch()


@contextmanager
def running_cups(root: Path) -> Iterator[Cups]:
    """Runs cupsd in ``root`` until the block ends. Every user must be able to reach that folder: a cupsd
    that root started runs its printers as nobody.
    """
    assert CUPSD is not None, "cupsd is missing: run installer/setup.sh --test"
    root.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    _write_configuration(root, port)
    log = (root / "log" / "output").open("wb")
    command = [CUPSD, "-f", "-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")]
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        transport = httpx.HTTPTransport(retries=10)  # with growing pauses, 25 s in all
        with httpx.Client(transport=transport, trust_env=False) as client:
            client.get(f"http://127.0.0.1:{port}/")
        yield Cups(root, f"127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()
        log.close()


def _write_configuration(root: Path, port: int) -> None:
    for name in ("spool", "cache", "state", "root", "tmp", "log", "out", "bin/backend"):
        (root / name).mkdir(parents=True)
    (root / "bin" / "daemon").symlink_to("/usr/lib/cups/daemon")
    is_root = os.geteuid() == 0
    owner = "User nobody\nGroup nogroup\nSystemGroup root" if is_root else ""
    (root / "cupsd.conf").write_text(_CUPSD_CONF.format(port=port))
    (root / "cups-files.conf").write_text(_CUPS_FILES_CONF.format(root=root, owner=owner))
    backend = root / "bin" / "backend" / "desk"
    backend.write_text(_BACKEND.format(root=root))
    backend.chmod(0o755)
    if is_root:
        for folder in ("spool", "cache", "state", "root", "tmp", "log", "out"):
            shutil.chown(root / folder, "nobody")
