"""Empties a PostgreSQL database that a test has used, so that the next test can have it.

Copying a template takes a few hundred files and half a second; deleting what one test wrote takes a twentieth of it.
A database is used again only when nothing can tell it from a new one: the same schema, sequences set back to their
start, the template's own rows as they were, and little enough written that no table is swollen with what was deleted.
"""

from psycopg import sql

# Every change of a schema writes or takes away a row of one of these.
CATALOGS = (
    "pg_class",
    "pg_attribute",
    "pg_attrdef",
    "pg_constraint",
    "pg_index",
    "pg_trigger",
    "pg_proc",
    "pg_type",
    "pg_namespace",
    "pg_rewrite",
    "pg_policy",
    "pg_enum",
)
SCHEMA = " UNION ALL ".join(f"SELECT count(*), max(xmin::text::bigint) FROM {name}" for name in CATALOGS)
TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
# A sequence set back so has no last value, as one that nobody has drawn from, and its row in pg_class stays as it was.
SET_BACK = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""
MOST_ROWS = 5000  # deleted from one database in all its lives


class Recycler:
    """Knows the template's tables and what of it every copy must still have."""

    def __init__(self, template):
        tables = [sql.Identifier(*row) for row in template.execute(TABLES)]
        rows = [(table, _rows(template, table)) for table in tables]
        self._schema = template.execute(SCHEMA).fetchall()
        self._kept = [(table, kept) for table, kept in rows if kept]
        self._empty = [table for table, kept in rows if not kept]
        asked = [sql.SQL("EXISTS (SELECT 1 FROM {})").format(table) for table in self._empty]
        self._filled = sql.SQL("SELECT {}").format(sql.SQL(", ").join(asked))

    def clean(self, connection):
        """Delete what a test wrote; how many rows, or None if the database is no longer as the template is."""
        connection.execute("SET lock_timeout = '10s'")
        if connection.execute(SCHEMA).fetchall() != self._schema:
            return None
        if any(_rows(connection, table) != kept for table, kept in self._kept):
            return None
        connection.execute(SET_BACK)
        connection.execute("SET session_replication_role = replica")  # neither foreign keys nor the log's own triggers
        filled = connection.execute(self._filled).fetchone()
        tables = [table for table, is_filled in zip(self._empty, filled, strict=True) if is_filled]
        return sum(connection.execute(sql.SQL("DELETE FROM {}").format(table)).rowcount for table in tables)


def _rows(connection, table):
    return connection.execute(sql.SQL("SELECT * FROM {} LIMIT 1000").format(table)).fetchall()
