"""``setup`` enrols this desk and gives it something to begin with; ``centre`` tells it where its centre is now."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.store.home import Home, new_home

from .. import speech
from ..home.beginning import Progress, begin_or_pull
from ..home.enrolling import enrol
from ..home.enrolment import Enrolment
from ..home.identity import load_token
from ..home.logbook import logged
from ..home.moving import move
from ..home.opening import open_desk
from ..home.unlocked import OpenDesk
from ..home.unlocking import unlock
from ..parts import Parts

if TYPE_CHECKING:
    from jinpu_desk.sync.transport import HttpCentre


def run_setup(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``setup``: enrol this desk, and go on where an earlier try broke off."""
    secret = speech.password(f"{arguments.clerk} 的密码：")
    with new_home(arguments.home) as home:
        desk = _set_up(home, parts, arguments, secret)
        try:
            with suppress(Unavailable):  # the desk stands; its messenger goes on pulling
                if desk.store.sync.cursor() is not None:
                    desk.session.pull()
            replica = desk.enrolment.replica
            return {
                "replica": replica.id,
                "station": replica.station,
                "station_name": replica.station_name,
                "series": replica.series,
                "window": replica.window,
                "training": replica.training,
                "clerk": arguments.clerk,
            }
        finally:
            desk.close()


def run_centre(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``centre``: reach the centre at another address, or by another authority's certificate."""
    with Home(arguments.home) as home, logged(home):
        enrolment = Enrolment(home, parts)
        clerk = arguments.clerk or enrolment.pinned.clerk
        secret = speech.password(f"{clerk} 的密码：")
        move(enrolment, arguments.server, arguments.ca, clerk, secret)
        told = enrolment.replica
        return {"server": told.server_url, "progress": told.progress_url, "ca": bool(enrolment.pinned.ca)}


def _set_up(home: Home, parts: Parts, arguments: argparse.Namespace, secret: str) -> OpenDesk:
    def begin(enrolment: Enrolment, centre: HttpCentre, data_key: bytes) -> None:
        progress = Progress(_on_stderr, watched=sys.stderr.isatty())
        told = begin_or_pull(enrolment, centre, data_key, progress)
        if told is not None:
            _on_stderr("".join(parts.sentences.of(told)) + "\n")

    if not home.enrolled or home.database.exists():
        return enrol(
            home,
            parts,
            url=arguments.server,
            code=arguments.code,
            clerk=arguments.clerk,
            password=secret,
            window=arguments.window,
            ca=arguments.ca,
            begin=begin,
        )
    enrolment = Enrolment(home, parts)
    data_key, grant = unlock(enrolment, arguments.clerk, secret)
    with enrolment.centre(load_token(home.folder("trust") / "token.sealed", data_key)) as centre:
        begin(enrolment, centre, data_key)
    desk = open_desk(enrolment, data_key, grant)
    desk.session.supply()
    desk.refreshed()
    return desk


def _on_stderr(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)
