"""The tables are what the migrations make, and a transaction is all or nothing."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from actions.store import store as store_module
from actions.store.store import Store
from actions.store.tables import Base, TalkRow
from tests.conftest import ROOT
from tests.talk import TUESDAY, rows_of


def talk(address: str) -> TalkRow:
    return TalkRow(channel="web", address=address, state={}, started_at=TUESDAY)


def test_migrations_make_the_tables_as_they_are_declared(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(store: Store) -> None:
    with store.transaction() as session:
        session.add(talk("one"))
    store.migrate()
    assert [row.address for row in rows_of(store, TalkRow)] == ["one"]


def test_the_newest_version_is_the_one_that_the_migrations_lead_to(sqlite_store: Store) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "actions/store/migrations"))
    with sqlite_store.engine.connect() as connection:
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert version == ScriptDirectory.from_config(config).get_current_head() == store_module._newest()


def test_a_new_database_is_made_where_the_url_says(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'deep/er/talk.db'}")
    store.migrate()
    assert set(inspect(store.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    store.close()


def test_an_error_in_a_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.transaction() as session:
        session.add(talk("one"))
        session.flush()
        raise RuntimeError
    assert rows_of(store, TalkRow) == []


def test_sqlite_keeps_foreign_keys_and_its_write_ahead_log(sqlite_store: Store) -> None:
    with sqlite_store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_errors_do_not_tell_what_was_to_be_stored(sqlite_store: Store) -> None:
    with pytest.raises(IntegrityError) as failed, sqlite_store.transaction() as session:
        session.add_all([talk("13800138000"), talk("13800138000")])
    assert "13800138000" not in str(failed.value)
