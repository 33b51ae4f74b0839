"""The options of ``jinpu-server serve``."""

from __future__ import annotations

import argparse
from pathlib import Path

_MOST_WORKERS = 64

BLOBS = "file:///… or s3://BUCKET/PREFIX?endpoint=URL&region=NAME, credentials in AWS_… (DATA/blobs)"
"""What ``--blobs`` takes."""


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(
        "--ready-file", type=Path, metavar="F", help="where to write the address once it answers"
    )
    parser.add_argument("--blobs", default="", metavar="URL", help=BLOBS)
    parser.add_argument(
        "--tls-cert", type=Path, metavar="F", help="PEM file: the certificate and what it hangs on"
    )
    parser.add_argument("--tls-key", type=Path, metavar="F")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends")
    parser.add_argument(
        "--workers",
        type=_workers,
        default=1,
        metavar="N",
        help="processes behind the one socket; Windows serves with one only",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="a proxy (address or network) whose X-Forwarded-For and -Proto count; nobody's do otherwise",
    )
    parser.add_argument(
        "--metrics-from",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an address or network that may read /metrics beside this machine; others need JINPU_METRICS_TOKEN",
    )
    parser.add_argument(
        "--log", type=Path, metavar="F", help="where to append the log, JSON lines; standard error without it"
    )


def _workers(text: str) -> int:
    count = int(text)
    if not 1 <= count <= _MOST_WORKERS:
        raise ValueError(text)
    return count
