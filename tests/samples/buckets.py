"""A real S3 API server for tests: SeaweedFS, one process for the whole run, a bucket for each test."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore import put
from obstore.exceptions import BaseError
from obstore.store import S3Store

KEY, SECRET = "demo", "demo-secret"
"""What the server knows its one user by."""
_ROLES = ("master", "volume", "filer", "s3")
_GRPC = 10_000
_PATIENCE = 30
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The endpoint of a running server; the credentials are in the environment meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="jinpu-s3-tests-"))
    ports = dict(zip(_ROLES, _free_ports(len(_ROLES)), strict=True))
    identity = {
        "name": KEY,
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    program = Path(sysconfig.get_path("scripts")) / "weed"
    command = [str(program), "server", "-s3", f"-s3.config={config}", f"-dir={folder}", "-volume.max=20"]
    command += [
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        *(f"-{role}.port={port}" for role, port in ports.items()),
    ]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", KEY)
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            endpoint = f"http://127.0.0.1:{ports['s3']}"
            _await(endpoint, process)
            yield endpoint
        finally:
            process.kill()  # asked to stop, it takes half a minute for what nobody will read
            process.wait()
    shutil.rmtree(folder)


@pytest.fixture
def bucket(s3_server: str) -> str:
    """A ``--blobs`` address nothing was put under yet."""
    return f"s3://blobs/t{next(_NUMBERS)}?endpoint={s3_server}&region=us-east-1"


def _await(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    store = S3Store(
        "blobs",
        endpoint=endpoint,
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            put(store, "awake", b"demo")  # the server makes the bucket of an administrator who writes to it
        except BaseError:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


def _free_ports(count: int) -> list[int]:
    """Return ports that are free, and whose twins for the server's own messages are too."""
    found: list[int] = []
    with contextlib.ExitStack() as held:
        while len(found) < count:
            first = held.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            if port + _GRPC > 65535:
                continue
            twin = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                twin.bind(("127.0.0.1", port + _GRPC))
                found.append(port)
    return found
