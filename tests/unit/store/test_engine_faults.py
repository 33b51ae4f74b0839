"""What a fault of the file is called depends on what it leaves open."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from jinpu_desk.domain.errors import Unavailable
from jinpu_desk.store.engine import translated

FSYNC_FAILED, WRITE_FAILED, FULL = 1034, 778, 13


@pytest.mark.parametrize(
    ("told", "code"), [(FSYNC_FAILED, "store.unsure"), (WRITE_FAILED, "store.io"), (FULL, "store.disk-full")]
)
def test_only_what_the_disk_did_not_confirm_may_have_been_saved(told: int, code: str) -> None:
    """A log whose last frame is written and not confirmed may count for whoever opens it next."""
    fault = sqlcipher.OperationalError("disk I/O error")
    fault.sqlite_errorcode = told
    with pytest.raises(Unavailable) as caught, translated(Path("desk.db")):
        raise fault
    assert caught.value.code == code
