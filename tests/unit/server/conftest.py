"""Centres on a real PostgreSQL."""

from samples.buckets import bucket, s3_server
from samples.centres import address, centre, database, postgres

__all__ = ["address", "bucket", "centre", "database", "postgres", "s3_server"]
