"""What is made of the words of an embedded PostgreSQL that ended."""

from __future__ import annotations

from pathlib import Path

from jinpu_desk.server.embedded import Cluster

OURS = '2026-09-18 02:00:00.100 UTC [31869] FATAL:  lock file "postmaster.pid" already exists'
HINT = "2026-09-18 02:00:00.100 UTC [31869] HINT:  Is another postmaster (PID 31860) running?"
THEIRS = "2026-09-18 02:00:00.{:03} UTC [31867] LOG:  checkpoint starting: end-of-recovery immediate wait"


def test_what_another_one_says_while_it_recovers_is_left_out(tmp_path: Path) -> None:
    recovering = [THEIRS.format(n) for n in range(101, 120)]
    (tmp_path / "postgres.log").write_text("\n".join([THEIRS.format(99), OURS, HINT, *recovering]) + "\n")
    assert Cluster(tmp_path)._last_words(31869) == f"{OURS}\n{HINT}"


def test_one_that_ended_before_it_had_a_log_is_quoted_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "postgres.log").write_text('postgres: could not access the server configuration file "…"\n')
    assert Cluster(tmp_path)._last_words(31869).startswith("postgres: could not access")


def test_without_a_log_there_are_no_words(tmp_path: Path) -> None:
    assert Cluster(tmp_path)._last_words(31869) == ""
