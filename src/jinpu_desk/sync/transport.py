"""The centre over HTTP: TLS with a pinned CA, zstd, MessagePack for events, errors as the tree we know."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import zstandard

from jinpu_desk.app.ports.sync import Cursor
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import ClerkId, Digest, ReplicaId

from .wire import (
    API,
    ERROR_HEADER,
    IMPORTED_HEADER,
    MSGPACK,
    OFFSET_HEADER,
    EnrolAnswer,
    EnrolRequest,
    ErrorAnswer,
    FeedPage,
    GrantsAnswer,
    LeaseAnswer,
    LeaseRequest,
    LoginAnswer,
    LoginRequest,
    Push,
    PushAnswer,
    ReferenceIndex,
)
from .wire_house import ReconciliationAnswer, ReconciliationRequest
from .wire_rare import (
    CommonAnswer,
    CommonRequest,
    IncarnationAnswer,
    IncarnationRequest,
    Readmission,
    ReadmissionAnswer,
)
from .wire_snapshot import SnapshotAnswer

T = TypeVar("T")
_CONNECT_SECONDS, _SILENCE_SECONDS = 5.0, 30.0
_SLOWEST = 4 * 1024
"""Bytes a second of the slowest line that is waited for: 64 kbit/s, which two pushes share."""
IDLE_SECONDS = 5
"""How long a connection nobody uses is kept; shorter than the centre keeps it, so that no request meets its closing."""
_TIMEOUT = httpx.Timeout(_SILENCE_SECONDS, connect=_CONNECT_SECONDS)
_CARRY_TIMEOUT = httpx.Timeout(600.0, connect=5.0)
"""A bundle of gigabytes is taken in before its answer begins."""
_LEVEL = 1
_NOT_FOUND = 404
_PARTIAL = 206
_SERVER_ERROR = 500
_CODE = re.compile(r"[a-z]+(\.[a-z-]+)+")
_SUCCESS = range(200, 300)
_WORTH_REPEATING = frozenset({"http.too-many", "http.slow"})
"""Refusals (4xx) of a request that was sent too early or too slowly, and is right as it is."""


class HttpCentre:
    """A centre at an address. Calls may come from several threads; close it when done."""

    def __init__(self, url: str, token: str = "", *, ca: Path | None = None) -> None:
        """Name the centre; nothing is sent yet. ``ca`` is the PEM file of the only authority believed.

        Raises:
            Refused: ``sync.address`` for no http(s) address, ``sync.plain-http`` for an open one off this machine.
            Unavailable: ``sync.certificate`` when ``ca`` cannot be read.
        """
        _check_address(url)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(
            base_url=url.rstrip("/") + API,
            headers=headers | {"Accept": MSGPACK, "Accept-Encoding": "zstd"},
            timeout=_TIMEOUT,
            limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS),
            verify=_trust(ca),
            trust_env=False,  # a proxy from the environment must not come between desk and centre
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Enrol this window PC. Refused ``enrol.…`` as the centre says."""
        return self._ask("POST", "/enrol", EnrolAnswer, request)

    def login(self, replica: ReplicaId, clerk: ClerkId, password: str) -> LoginAnswer:
        """Log a clerk in at ``replica``; needs no token. Refused ``login.wrong``, ``login.locked``, ``login.revoked``, ``login.station``."""
        asked = LoginRequest(replica=replica, clerk=clerk, password=password)
        return self._ask("POST", "/login", LoginAnswer, asked)

    def push(self, replica: ReplicaId, push: Push) -> PushAnswer:
        return self._ask("POST", f"/replicas/{replica}/events", PushAnswer, push)

    def feed(self, cursor: Cursor, limit: int) -> FeedPage:
        query = {
            "epoch": cursor.epoch,
            "after": cursor.position,
            "hash_at_after": cursor.hash,
            "limit": limit,
        }
        return self._ask("GET", "/feed", FeedPage, params=query)

    def common(self, request: CommonRequest) -> CommonAnswer:
        return self._ask("POST", "/feed/common", CommonAnswer, request)

    def offer(self, replica: ReplicaId, push: Push) -> PushAnswer:
        return self._ask("POST", f"/replicas/{replica}/offers", PushAnswer, push)

    def incarnate(self, replica: ReplicaId, request: IncarnationRequest) -> IncarnationAnswer:
        """Take a new incarnation of ``replica``. Refused ``incarnation.…``; Unavailable ``server.restored``."""
        return self._ask("POST", f"/replicas/{replica}/incarnations", IncarnationAnswer, request)

    def readmit(self, replica: ReplicaId, request: Readmission) -> ReadmissionAnswer:
        """Be known again to a restored centre; needs no token. Refused ``readmission.…``."""
        return self._ask("POST", f"/replicas/{replica}/readmission", ReadmissionAnswer, request)

    def grants(self) -> GrantsAnswer:
        return self._ask("GET", "/me/grants", GrantsAnswer)

    def lease(self, replica: ReplicaId, request: LeaseRequest) -> LeaseAnswer:
        return self._ask("POST", f"/replicas/{replica}/leases", LeaseAnswer, request)

    def reference(self) -> ReferenceIndex:
        return self._ask("GET", "/reference", ReferenceIndex)

    def files(self, kind: str, digest: Digest) -> dict[str, bytes]:
        return self._ask("GET", f"/reference/{kind}/{digest}", dict[str, bytes])

    def blob_offset(self, sha256: Digest) -> int | None:
        response = self._send("HEAD", f"/blobs/{sha256}")
        if response.status_code == _NOT_FOUND and OFFSET_HEADER in response.headers:
            return int(response.headers[OFFSET_HEADER])
        self._check(response)
        return None

    def blob_add(self, sha256: Digest, offset: int, data: bytes) -> None:
        headers = {OFFSET_HEADER: str(offset), "Content-Type": "application/octet-stream"}
        self._check(self._send("PATCH", f"/blobs/{sha256}", content=data, headers=headers))

    def blob_finish(self, sha256: Digest) -> None:
        self._check(self._send("POST", f"/blobs/{sha256}"))

    def blob(self, sha256: Digest) -> bytes:
        """Return an attachment. Raises Unavailable ``blob.missing`` when the centre does not have it yet."""
        return b"".join(self.blob_from(sha256, 0))

    def blob_from(self, sha256: Digest, offset: int) -> Iterator[bytes]:
        """Yield an attachment from ``offset`` on, as it arrives.

        Raises:
            Unavailable: ``blob.missing`` when the centre does not have it yet, ``sync.offline`` when the line goes.
        """
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self._streamed("GET", f"/blobs/{sha256}", headers=headers) as response:
            if response.status_code == _NOT_FOUND:
                raise Unavailable("blob.missing", sha256)
            self._check(response)
            if offset and response.status_code != _PARTIAL:
                raise Unavailable("sync.answer", problem="range")
            yield from response.iter_bytes()

    @contextmanager
    def _streamed(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        """Lend an answer whose body is read as it arrives; that of an error is there whole."""
        try:
            with self._client.stream(method, path, **options) as response:
                if response.status_code not in _SUCCESS:
                    response.read()
                yield response
        except httpx.TransportError as error:
            raise _unreachable(error) from error
        except httpx.DecodingError as error:
            raise Unavailable("sync.answer", problem=str(error)) from error

    def snapshot(self) -> SnapshotAnswer:
        return self._ask("GET", "/snapshot", SnapshotAnswer)

    def snapshot_piece(self, snapshot_id: str, offset: int, length: int) -> bytes:
        wanted = {"Range": f"bytes={offset}-{offset + length - 1}", "Accept-Encoding": "identity"}
        response = self._send("GET", f"/snapshot/{snapshot_id}", headers=wanted)
        self._check(response)
        return response.content

    def reconcile(self, replica: ReplicaId, request: ReconciliationRequest) -> ReconciliationAnswer:
        """Have a day counted. Refused ``reconcile.…``."""
        return self._ask("POST", f"/replicas/{replica}/reconciliation", ReconciliationAnswer, request)

    def carry(self, bundle: BinaryIO, answer: BinaryIO) -> bytes:
        """Hand a bundle in and write the centre's sealed answer; return what it brought, as JSON."""
        headers = {"Content-Type": "application/octet-stream"}
        request = self._client.build_request(
            "POST", "/bundles", content=bundle, headers=headers, timeout=_CARRY_TIMEOUT
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                if response.status_code not in _SUCCESS:
                    response.read()
                    self._check(response)
                for piece in response.iter_bytes():
                    answer.write(piece)
            finally:
                response.close()
        except httpx.TransportError as error:
            raise _unreachable(error) from error
        said: str = response.headers.get(IMPORTED_HEADER, "")
        return said.encode()

    def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: msgspec.Struct | None = None,
        params: dict[str, Any] | None = None,
    ) -> T:
        content, headers = None, {}
        if body is not None:
            content = zstandard.ZstdCompressor(level=_LEVEL).compress(msgspec.msgpack.encode(body))
            headers = {"Content-Type": MSGPACK, "Content-Encoding": "zstd"}
        response = self._send(method, path, content=content, headers=headers, params=params)
        self._check(response)
        try:
            return msgspec.msgpack.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unavailable("sync.answer", problem=str(error)) from error

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        options.setdefault("timeout", _patience(options.get("content")))
        try:
            return self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise _unreachable(error) from error
        except httpx.DecodingError as error:
            raise Unavailable("sync.answer", problem=str(error)) from error

    def _check(self, response: httpx.Response) -> None:
        if response.status_code not in _SUCCESS:
            raise _complaint(response)


def _patience(content: bytes | None) -> httpx.Timeout:
    """Return how long to wait for an answer. The system takes a body off our hands before the line has carried it,
    so what is still under way counts towards the wait for the answer."""
    silence = _SILENCE_SECONDS + len(content or b"") / _SLOWEST
    return httpx.Timeout(silence, connect=_CONNECT_SECONDS)


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("sync.address", url)
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise Refused("sync.plain-http", url)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trust(ca: Path | None) -> ssl.SSLContext:
    """Believe ``ca`` alone, or the system's authorities without one; never nobody."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise Unavailable("sync.certificate", str(ca)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _unreachable(error: httpx.TransportError) -> Unavailable:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unavailable("sync.certificate", problem=cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return Unavailable("sync.offline", problem=type(error).__name__)


def _complaint(response: httpx.Response) -> DeskError:
    """Return the error the centre named; what is worth another try later is Unavailable.

    ``retry_after`` is among its params when the answer says how many seconds to wait, be it the centre's or that of a
    proxy before it.
    """
    wait = response.headers.get("Retry-After", "")
    later: dict[str, Any] = {"retry_after": int(wait)} if wait.isascii() and wait.isdigit() else {}
    try:
        told = msgspec.json.decode(response.content, type=ErrorAnswer).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        code = response.headers.get(ERROR_HEADER, "")  # an answer to HEAD has no body
        if response.status_code >= _SERVER_ERROR and _CODE.fullmatch(code):
            return Unavailable(code, **later)
        return Unavailable("sync.centre-error", status=response.status_code, **later)
    values: dict[str, Any] = {
        name: value for name, value in told.params.items() if name not in {"code", "where", "article"}
    }
    if response.status_code >= _SERVER_ERROR or told.code in _WORTH_REPEATING:
        return Unavailable(told.code, told.where, **(values | later))
    refused = Refused(told.code, told.where, **values)
    refused.add_note(told.message)
    return refused
