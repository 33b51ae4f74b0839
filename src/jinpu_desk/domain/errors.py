"""What can go wrong, as a tree.

    DeskError
    ├── Refused      a rule, or bad input, said no: nothing was written (exit 2)
    └── Unavailable  disk, network, device or lock is not there now (exit 3)

Everything else that is raised is a bug and crashes loudly (exit 1). The sentence a clerk reads lives in
``resources/messages``, keyed by ``code``; ``params`` fills its blanks.
"""

from __future__ import annotations


class DeskError(Exception):
    """A fault the world caused, named by a stable code.

    ``code`` is dotted lower case (``intake.material.missing``), ``where`` is the JSON path, file or key the
    fault is at (empty when there is none), ``params`` are the values the sentence needs.
    """

    def __init__(self, code: str, where: str = "", **params: object) -> None:
        super().__init__(f"{code} at {where or '-'}: {params}" if params else f"{code} at {where or '-'}")
        self.code = code
        self.where = where
        self.params = params


class Refused(DeskError):
    """A rule of law, of the contract or of plain sense said no; ``article`` names it where there is one."""

    def __init__(self, code: str, where: str = "", *, article: str = "", **params: object) -> None:
        super().__init__(code, where, **params)
        self.article = article


class Unavailable(DeskError):
    """Disk, network, device, lock or leased number is not available now; trying later may help."""
