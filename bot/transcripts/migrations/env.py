"""How Alembic runs the steps: on the connection that `bot.transcripts.migrate` gives it.

That connection is inside one transaction, so that a kill in the middle leaves the old tables whole.
"""

from alembic import context

from bot.transcripts.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
