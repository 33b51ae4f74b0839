"""Joining scanned and imported pages to a material: safe in the store first, then named in the application."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from jinpu_desk.domain.ids import Digest
from jinpu_desk.domain.materials import MaterialState, MaterialTick

from ..desk import Desk
from ..ports.devices import IncomingPage, ScanInbox
from .drafts import Draft, FileInfo


def store_page(desk: Desk, inbox: ScanInbox, page: IncomingPage) -> tuple[Digest, FileInfo]:
    """Move a scan from the spool into the encrypted store and return its name and what it is."""
    info = info_of(page)
    sha256 = desk.blobs.put(inbox.read(page.sha256))
    inbox.release(page.sha256)
    return sha256, info


def info_of(page: IncomingPage) -> FileInfo:
    """Return what a scan in the spool is."""
    return FileInfo(
        media_type=str(page.media_type),
        size=page.size,
        pages=page.pages,
        hints=tuple(str(hint) for hint in page.hints),
    )


def attach_file(desk: Desk, inbox: ScanInbox, draft: Draft, material: str, path: Path) -> Draft:
    """Attach the file at ``path`` to a material of the draft.

    Raises:
        Refused: ``device.scan.…`` when it is no sound picture or PDF.
    """
    return attach_pages(desk, inbox, draft, material, [inbox.import_file(path)])


def attach_pages(
    desk: Desk, inbox: ScanInbox, draft: Draft, material: str, pages: Sequence[IncomingPage]
) -> Draft:
    """Attach finished scans, in order; a material that lacked is then there."""
    tick = draft.materials.get(material, MaterialTick())
    files = dict(draft.files)
    names = list(tick.files)
    added = 0
    for page in pages:
        sha256, info = store_page(desk, inbox, page)
        files[sha256] = info
        if sha256 not in names:
            names.append(sha256)
            added += info.pages
    state = MaterialState.RECEIVED if tick.state is MaterialState.LACKING else tick.state
    copies = tick.copies if tick.originals or tick.copies else 1
    ticked = replace(tick, state=state, copies=copies, pages=tick.pages + added, files=tuple(names))
    return replace(draft, files=files, materials=draft.materials | {material: ticked})
