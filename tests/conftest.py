"""What every room's tests share: stores on both databases, and the street's own data read once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from actions.store.store import Store
from actions.store.tables import Base
from knowledge.duty_list import DutyList, read_duty_list

ROOT = Path(__file__).resolve().parents[1]
STREET = ROOT / "knowledge/default"


@pytest.fixture(scope="session")
def street_data() -> DutyList:
    """The default street's duty list and places."""
    return read_duty_list(STREET)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all migrations run and nothing in it, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "empty.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.close()
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A fresh, migrated PostgreSQL database for this run; it is dropped afterwards."""
    server = os.environ.get("JIETONG_TEST_POSTGRES")
    if not server:
        pytest.skip("no PostgreSQL server: JIETONG_TEST_POSTGRES does not name one")
    name = f"jietong_test_{uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    store = Store(url)
    store.migrate()
    store.close()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def sqlite_store(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Store]:
    """A migrated, empty store in a file of this test's own."""
    file = shutil.copy(migrated_sqlite, tmp_path / "talk.db")
    store = Store(f"sqlite:///{file}")
    yield store
    store.close()


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """A migrated, empty store on PostgreSQL."""
    store = Store(postgres_url)
    with store.transaction() as session:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    yield store
    store.close()


@pytest.fixture(params=["sqlite_store", pytest.param("postgres_store", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest) -> Store:
    """A migrated, empty store, once on SQLite and once on PostgreSQL."""
    made: Store = request.getfixturevalue(request.param)
    return made
