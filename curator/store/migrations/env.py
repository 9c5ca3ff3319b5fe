"""Alembic runs this: the migrations go through the connection, and in the transaction, of the caller."""

from alembic import context

from curator.store.schema import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
