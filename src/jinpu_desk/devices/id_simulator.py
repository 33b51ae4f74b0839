"""A bridge without a reader, for training and tests: it deals the cards of a file, one a reading.

``python -m jinpu_desk.devices.id_simulator CARDS.json [PORT]`` serves ``CARDS.json`` (a list of answers as in
``id_reader``) on loopback, from the start again after the last, and writes its port to standard output.
"""

from __future__ import annotations

import itertools
import socketserver
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import msgspec

from jinpu_desk.devices.id_reader import LOOPBACK, BridgeAnswer


class IdReaderSimulator(socketserver.ThreadingTCPServer):
    """Answers every reading with the next of ``answers``; raw bytes are sent as they are."""

    daemon_threads = True

    def __init__(self, answers: Sequence[BridgeAnswer | bytes], port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _Reading)
        self._answers = itertools.cycle(answers)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def next_line(self) -> bytes:
        """Returns the next answer as it travels."""
        answer = next(self._answers)
        return answer if isinstance(answer, bytes) else msgspec.json.encode(answer) + b"\n"


class _Reading(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if self.rfile.readline(1024).strip():
            self.wfile.write(cast(IdReaderSimulator, self.server).next_line())


def main(arguments: Sequence[str]) -> None:
    answers = msgspec.json.decode(Path(arguments[0]).read_bytes(), type=list[BridgeAnswer])
    with IdReaderSimulator(answers, int(arguments[1]) if len(arguments) > 1 else 0) as simulator:
        sys.stdout.write(f"{simulator.port}\n")
        sys.stdout.flush()
        simulator.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
