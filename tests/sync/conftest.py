"""Centres on a real PostgreSQL."""

from samples.centres import address, centre, database, postgres

__all__ = ["address", "centre", "database", "postgres"]
