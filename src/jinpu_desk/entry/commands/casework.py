"""Commands that work on an unlocked desk: the same verbs the window uses."""

from __future__ import annotations

import argparse
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from jinpu_desk.app.intake import keeping
from jinpu_desk.app.intake import taking as intake
from jinpu_desk.app.intake.application import Application, draft_of, from_file
from jinpu_desk.app.intake.attach import info_of, store_page
from jinpu_desk.app.intake.file import DRAFT_ACTION, SIZE_LIMIT, IntakeFile, decode_intake, read_object
from jinpu_desk.app.plain import case_json, row_json
from jinpu_desk.app.ports import CaseQuery
from jinpu_desk.app.ports.devices import IncomingPage
from jinpu_desk.app.ports.sync import SyncRound
from jinpu_desk.app.verbs import act as verbs
from jinpu_desk.app.verbs.timers import let_time_pass
from jinpu_desk.catalogue.load import digest_of, load, read_dir
from jinpu_desk.devices.hot_folder import HotFolder
from jinpu_desk.domain.case import Flag, Status
from jinpu_desk.domain.errors import DeskError, Refused, Unavailable
from jinpu_desk.domain.ids import Digest
from jinpu_desk.store.home import Home

from .. import speech
from ..home.enrolment import Enrolment
from ..home.inbox import scan_inbox
from ..home.logbook import logged
from ..home.login_log import note, note_login, note_reveal
from ..home.opening import open_desk, reopened
from ..home.rounds import disowned, run_round
from ..home.unlocked import OpenDesk
from ..home.unlocking import unlock
from ..parts import Parts
from .paper_files import answered, case_no, find_case, out_folder
from .proof_file import with_proof

LIST_LIMIT = 10_000
CONFLICT = "conflict"
"""The flag of cases with something that waits for a person; no flag of the case, which is the same everywhere."""


@contextmanager
def opened(parts: Parts, arguments: argparse.Namespace) -> Iterator[OpenDesk]:
    """Lend the unlocked desk of ``--home``."""
    with Home(arguments.home) as home, logged(home):
        enrolment = Enrolment(home, parts)
        clerk = arguments.clerk or enrolment.pinned.clerk
        data_key, grant = unlock(enrolment, clerk, speech.password(f"{clerk} 的密码："))
        desk = open_desk(enrolment, data_key, grant)
        try:
            note_login(desk.desk, enrolment.ring, "command")
            yield desk
        finally:
            desk.close()


def run_intake(parts: Parts, arguments: argparse.Namespace) -> int:
    """``intake``: one file, or a batch of lines. Returns the exit code."""
    source: Path = arguments.batch or arguments.file
    lines = _batch_lines(source) if arguments.batch else [_read_limited(source)]
    out = out_folder(arguments.out)
    refused = False
    with opened(parts, arguments) as desk:
        for number, raw in enumerate(lines, start=1):
            try:
                speech.say(_take_in(desk, raw, source.parent, out, documents=not arguments.no_documents))
            except Refused as error:
                if not arguments.batch:
                    raise
                refused = True
                error.where = error.where or source.name
                speech.say(speech.error_line(error, parts.sentences) | {"line": number})
    return speech.REFUSED if refused else speech.DONE


def _batch_lines(source: Path) -> Iterator[bytes]:
    """Yield the lines of a batch; one past the size limit comes truncated, just long enough to be refused."""
    try:
        with source.open("rb") as file:
            while line := file.readline(SIZE_LIMIT + 2):
                if len(line) > SIZE_LIMIT:
                    while rest := file.readline(SIZE_LIMIT):
                        if rest.endswith(b"\n"):
                            break
                if line.strip():
                    yield line
    except OSError as error:
        raise Unavailable("cli.unreadable", source.name) from error


def _read_limited(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            return file.read(SIZE_LIMIT + 2)
    except OSError as error:
        raise Unavailable("cli.unreadable", source.name) from error


def _take_in(
    desk: OpenDesk, raw: bytes, folder: Path, out: Path | None, *, documents: bool
) -> dict[str, Any]:
    file = decode_intake(raw)
    draft = file.action == DRAFT_ACTION
    inbox = scan_inbox(desk)
    with _pages(inbox, file, folder) as pages:
        application = _with_pages(file, pages, _guided_case(desk, file.guided_case))
        # Before a page is kept, so that a refusal leaves nothing behind.
        (intake.check_draft if draft else intake.check)(desk.desk, application)
        for page in {page.sha256: page for given in pages.values() for page in given}.values():
            store_page(desk.desk, inbox, page)
    if draft:
        return _keep_draft(desk, application)
    taken = intake.take_in(desk.desk, application, documents=documents)
    return answered(desk, taken, out)


def _keep_draft(desk: OpenDesk, application: Application) -> dict[str, Any]:
    """Save the application as an intake page to go on with at the window."""
    draft = draft_of(application, str(uuid.uuid4()))
    keeping.keep(desk.desk, draft)
    return {
        "case_no": None,
        "case_id": draft.id,
        "item": draft.target,
        "status": int(Status.DRAFT),
        "flags": [],
        "documents": [],
    }


@contextmanager
def _pages(inbox: HotFolder, file: IntakeFile, folder: Path) -> Iterator[dict[str, list[IncomingPage]]]:
    """Lend copies of the files each material names, looked at; those nobody stored are gone afterwards."""
    waiting = {page.sha256 for page in inbox.unreleased()}  # scans the window has yet to attach stay
    pages: dict[str, list[IncomingPage]] = {}
    try:
        for key, entry in file.materials.items():
            pages[key] = []
            for n, name in enumerate(entry.files):
                pages[key].append(_page(inbox, folder, name, f"materials.{key}.files[{n}]"))
        yield pages
    finally:
        for given in pages.values():
            for page in given:
                if page.sha256 not in waiting:
                    inbox.release(page.sha256)


def _page(inbox: HotFolder, folder: Path, name: str, where: str) -> IncomingPage:
    path = _inside(folder, name, where)
    try:
        return inbox.import_file(path)
    except DeskError as error:
        error.where = where  # the device knows the file, the clerk looks for it in the intake file
        raise


def _guided_case(desk: OpenDesk, number: str) -> str:
    """Return the id of the guided case with that number, nothing for nothing."""
    if not number:
        return ""
    try:
        return find_case(desk, number).id
    except Refused as error:
        error.where = "guided_case"
        raise


def _with_pages(file: IntakeFile, pages: dict[str, list[IncomingPage]], guided_case: str) -> Application:
    """Return the application with the hashes of its pages in place of their names."""
    ticks = {
        key: entry.tick(tuple(dict.fromkeys(page.sha256 for page in pages[key])))
        for key, entry in file.materials.items()
    }
    infos = {page.sha256: info_of(page) for given in pages.values() for page in given}
    return from_file(file, ticks, infos, guided_case)


def _inside(folder: Path, name: str, where: str) -> Path:
    """Return the path of a named file: inside the intake file's folder, unless absolute (CONTRACT)."""
    path = Path(name)
    if not path.is_absolute():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise Refused("intake.file-outside", where, name=name)
    if not path.is_file():
        raise Refused("intake.file-missing", where, name=name)
    return path


def run_act(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``act``: any later verb."""
    try:
        data = read_object(os.fsencode(arguments.data))
    except Refused as error:
        error.where = error.where or "--data"
        raise
    out = out_folder(arguments.out)  # before anything is done
    with opened(parts, arguments) as desk:
        told = with_proof(desk, arguments.verb, data)
        taken = verbs.act(desk.desk, case_no(arguments.case_no), arguments.verb, told)
        return answered(desk, taken, out)


def run_show(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``show``: one case whole."""
    with opened(parts, arguments) as desk:
        case = find_case(desk, arguments.case_no)
        note_reveal(desk.desk, "case", case.id)
        return case_json(desk.desk, case)


def run_find(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``find``: search as the window does."""
    with opened(parts, arguments) as desk:
        rows = desk.store.search(arguments.text, limit=_limit(arguments.limit))
        note_reveal(desk.desk, "list")
    return {"cases": [row_json(row) for row in rows]}


def _limit(limit: int) -> int:
    if not 1 <= limit <= LIST_LIMIT:
        raise Refused("cli.limit", "--limit", limit=LIST_LIMIT)
    return limit


def run_list(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``list``: by status and flag, newest first."""
    if arguments.status is not None and arguments.status not in {int(s) for s in Status}:
        raise Refused("cli.status", "--status", status=arguments.status)
    if arguments.flag is not None and arguments.flag not in {CONFLICT, *map(str, Flag)}:
        raise Refused("cli.flag", "--flag", flag=arguments.flag)
    conflict = arguments.flag == CONFLICT
    query = CaseQuery(status=arguments.status, flag=None if conflict else arguments.flag, conflict=conflict)
    with opened(parts, arguments) as desk:
        page = desk.store.page(query, limit=_limit(arguments.limit))
        count = desk.store.count(query)
        note_reveal(desk.desk, "list")
    return {"count": count, "cases": [row_json(row) for row in page.rows]}


def run_sync(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``sync``: one full round, after recording what time alone decided; a copy goes on as another replica."""
    with opened(parts, arguments) as desk:
        try:
            done = _synced(desk)
        except Refused as refused:
            if not disowned(refused):
                raise
            successor = reopened(desk)
            try:
                done = _synced(successor)
            finally:
                successor.close()
    answer: dict[str, Any] = msgspec.to_builtins(done)
    return answer


def _synced(desk: OpenDesk) -> SyncRound:
    let_time_pass(desk.desk)
    done = run_round(desk)
    desk.refreshed()
    desk.files.pages_of_pre_applications()
    return done


def run_status(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``status``: the counts of the status line."""
    with opened(parts, arguments) as desk:
        answer: dict[str, Any] = msgspec.to_builtins(desk.store.status())
        if answer["last_contact"] is not None:
            local = desk.desk.local_ms(answer["last_contact"])
            answer["last_contact"] = local.isoformat(timespec="seconds")
    return answer


def run_verify(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``verify``: re-walk everything. The report is printed also when it found problems (exit 2)."""
    with opened(parts, arguments) as desk:
        report = desk.store.verify()
    answer: dict[str, Any] = msgspec.to_builtins(report)
    if not report.ok:
        speech.say(answer)
        raise Refused("verify.problems", "problems", count=len(report.problems))
    return answer


def run_import_catalogue(parts: Parts, arguments: argparse.Namespace) -> dict[str, Any]:
    """``import-catalogue``: check a folder and put it on this desk's shelf."""
    files = read_dir(arguments.dir)
    catalogue = load(files)
    with opened(parts, arguments) as desk:
        if not {"administrator", "supervisor"} & set(desk.desk.clerk.roles):
            raise Refused("role.may-not", "", verb="import-catalogue", verb_name="导入事项目录")
        desk.enrolment.shelf.keep("catalogue", Digest(digest_of(files)), files)
        note(desk.desk, "import", "catalogue", catalogue.version)
    return {"version": catalogue.version, "digest": catalogue.digest, "items": len(catalogue.by_role("item"))}
