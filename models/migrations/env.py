"""Alembic's entry: runs on the connection it is given, in that connection's transaction."""

from alembic import context

from models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=False, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
