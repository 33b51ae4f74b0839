"""What the sync page says after something went to a stick or came from one."""

from __future__ import annotations

import msgspec

from ..ports.sync import SyncRound


class BundleDone(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence, and the file that was written, if one was."""

    text: str
    file: str = ""


def exported(events: int, blobs: int, files: int, first: str) -> BundleDone:
    """Say what was written."""
    parts = f"，分 {files} 个文件" if files > 1 else ""
    said = f"已写出 {events} 条记录、{blobs} 个附件{parts}。交给中心或任何联网的窗口导入，再把回执带回来。"
    return BundleDone(text=said, file=first)


def applied(done: SyncRound) -> BundleDone:
    """Say what an answer brought."""
    waiting = f"，还有 {done.pending} 条待传" if done.pending else "，没有待传的"
    return BundleDone(
        text=f"回执已导入：中心确认 {done.pushed} 条，新收 {done.pulled} 条，附件 {done.blobs} 个{waiting}。"
    )


def carried(events: int, blobs: int, answer: str) -> BundleDone:
    """Say what was handed in for another window."""
    return BundleDone(
        text=f"已代交：{events} 条记录、{blobs} 个附件。回执写在原文件旁边，请带回那个窗口导入。", file=answer
    )
