"""The centre's SQL: PostgreSQL through SQLAlchemy Core and psycopg 3. Nothing outside this folder writes SQL for it."""
