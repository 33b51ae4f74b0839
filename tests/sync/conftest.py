"""Centres on a real PostgreSQL, and one that is a program of its own."""

from samples.centres import address, centre, database, postgres
from samples.programs import training

__all__ = ["address", "centre", "database", "postgres", "training"]
