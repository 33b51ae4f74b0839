"""TLS as the centre speaks it: modern versions only, and a renewed certificate without a restart."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

log = logging.getLogger(__name__)


class Certificate:
    """A certificate and its key in two files that somebody replaces once in a while."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Name the files. Raises OSError when they cannot be used together."""
        self._files = certificate, key
        self._seen = self._stamp()
        self._check()
        self._contexts: list[ssl.SSLContext] = []

    def into(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """Keep ``context``, which holds the certificate, up to date; return it taking nothing older than TLS 1.2
        (RFC 8996)."""
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._contexts.append(context)
        return context

    async def renew(self) -> None:
        """Use what is in the files for new connections, if it changed; a pair that does not match yet can wait."""
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._check()
            for context in self._contexts:
                context.load_cert_chain(*self._files)
        except OSError as error:
            log.warning("certificate: %s", error)
        else:
            log.warning("certificate: renewed")

    def _check(self) -> None:
        """Try it apart from what is in use: half of a new pair must not spoil that."""
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*self._files)

    def _stamp(self) -> list[tuple[int, int]]:
        """Return what changes whenever a file is written or replaced; nothing while one is missing."""
        try:
            return [(found.st_mtime_ns, found.st_ino) for found in (file.stat() for file in self._files)]
        except OSError:
            return []
