"""Centres on a real PostgreSQL, and the real programs."""

from samples.centres import address, centre, database, postgres
from samples.programs import hall, hall_two, jp03, training

__all__ = ["address", "centre", "database", "hall", "hall_two", "jp03", "postgres", "training"]
