"""Keeps what was said. Importing this package loads no database library; `open` does.

Read `store` (what the rest of the bot may ask), then `writer` and `recording`. All modules, by what
they are about; `migrations/` has the steps from one release's tables to the next:

    the doors:      store records open errors
    writing:        sql_store writer recording states recent many_rows rows
    reading:        reading resuming turn_contexts finding figures
    beside them:    accounts audit desk mentions outbox roll_call widget_scripts
    for nodes that share no folder:
                    published shelf
    the database:   database tables migrate sqlite_rules
    histories:      backup moving read_copy retention
"""
