"""The migrations make exactly the tables that the records want."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Connection, column, inspect, select, table

from shop import inbox
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.database.columns import UtcTime
from shop.adapters.database.engine import open_engine
from shop.adapters.database.schema_contract import migration_config
from shop.adapters.database.statements import row_of
from shop.adapters.database.tables import METADATA, TABLES
from shop.avatars.likeness import ladder
from shop.encryption import EnvelopeCipher, key_check_value
from shop.installation import WrongMasterKey
from shop.jobs import outbox
from shop.records import (
    RECORDS,
    Avatar,
    AvatarId,
    AvatarState,
    Flaw,
    Installation,
    KeyId,
    Order,
    OrderId,
    OutboxMessage,
    Photo,
    PhotoId,
    PhotoState,
    ProcessedEvent,
    SealedKey,
    Subject,
    User,
    UserId,
)
from shop.settings import Settings
from tests.contracts.records import order, user
from tests.keys import MASTER_KEY, MASTER_KEY_BASE64

OTHER_KEY = bytes(range(32))


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), METADATA))


async def test_migrations_make_the_tables(sql_url: str) -> None:
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == [], 'write one: python -m shop.adapters.database.revise "what changed"'


async def test_they_go_back_and_forth(sqlite_url: str) -> None:
    def go_back(connection: Connection) -> list[str]:
        config = migration_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return inspect(connection).get_table_names()

    engine = open_engine(sqlite_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(go_back) == ["alembic_version"]
    await upgrade(sqlite_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


@pytest.mark.parametrize(
    ("version", "registered"), [("0003", False), ("0008", False), ("0009", False), ("0011", True)]
)
async def test_another_keys_database_is_not_migrated(
    sql_url: str, version: str, registered: bool
) -> None:
    """By the check value, or, before there was one, by the newest data key; empty ones are."""

    def go(connection: Connection, to: str) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        (command.upgrade if to == "head" else command.downgrade)(config, to)

    def version_of(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    now = datetime(2026, 3, 14, tzinfo=UTC)
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        await EnvelopeCipher(OTHER_KEY).new_key(tx, now - timedelta(days=1))
        await EnvelopeCipher(MASTER_KEY).new_key(tx, now)
        if registered:
            check = key_check_value(MASTER_KEY)
            await tx.add(Installation("installation", "store", check, now))
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        await connection.run_sync(go, version)
    with pytest.raises(WrongMasterKey):
        await upgrade(sql_url, [OTHER_KEY])
    async with engine.begin() as connection:
        assert await connection.run_sync(version_of) == version
    await upgrade(sql_url, [MASTER_KEY])
    async with engine.begin() as connection:
        assert await connection.run_sync(differences) == []
        await connection.run_sync(go, version)
        await connection.execute(TABLES[SealedKey].delete())
        if version >= "0009":
            await connection.execute(TABLES[Installation].delete())
    await upgrade(sql_url, [OTHER_KEY])
    await database.close()
    await engine.dispose()


async def test_an_avatar_of_before_keeps_its_lora_and_its_likeness(sql_url: str) -> None:
    """0004: one blob becomes one checkpoint; and back."""

    def go(connection: Connection, to: str) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        (command.downgrade if to == "0003" else command.upgrade)(config, to)

    old_row = {
        "id": "a", "user_id": "u", "order_id": "o", "state": "ready", "base": "mini", "seed": 1,
        "subject": "person", "created_at": datetime(2026, 3, 14, tzinfo=UTC), "key_id": "k",
        "blob": "avatars/a/lora", "weight": 0.9, "step": 0.1, "floor": 0.5, "ceiling": 1.0,
        "steps": 3, "seconds": 1.0, "loss_first": 1.0, "loss_last": 0.5,
    }  # fmt: skip
    waits = old_row | {"id": "b", "order_id": "p", "state": "waiting", "blob": ""}
    names = [column(name, UtcTime() if name == "created_at" else None) for name in old_row]
    before = table("avatars", *names)
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        await connection.run_sync(go, "0003")
        await connection.execute(before.insert(), [old_row, waits])
        await connection.run_sync(go, "head")
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        old, waiting = await tx.find(Avatar, order="id")
    await database.close()
    assert (old.blobs, old.best, old.checkpoint) == (("avatars/a/lora",), 0, 0)
    assert (old.start, old.weight, waiting.blobs) == (0.9, 0.9, ())
    assert [rung.weight for rung in ladder(old)] == [0.9, 0.9, 0.9, 1.0]
    async with engine.begin() as connection:
        await connection.run_sync(go, "0003")
        blobs = (await connection.execute(select(before.c.blob).order_by(before.c.id))).all()
        await connection.run_sync(go, "head")
    await engine.dispose()
    assert blobs == [("avatars/a/lora",), ("",)]


async def test_what_was_before_erasures_were_outlived(sql_url: str) -> None:
    """0007: an event of before is known again, a placed order keeps its price of a shoot, and a
    person of before is one without a hash who was never erased; and back."""

    def go(connection: Connection, to: str) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        (command.downgrade if to == "0006" else command.upgrade)(config, to)

    now = datetime(2026, 3, 14, tzinfo=UTC)
    old = order("o", credits=48, amount=990)
    rows = {
        User: row_of(user("u")),
        Order: row_of(old),
        ProcessedEvent: {"id": "playground:ann:1", "at": now},
    }
    new_columns = {
        "address_hash",
        "returned",
        "shoot_credits",
        "merged_into",
        "address_id",
        "awaits_opening_at",
        "stated_minor_at",
        "reduced",
        "billed_till",
        "complete",
    }
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        await connection.run_sync(go, "0006")
        for kind, row in rows.items():
            known = {name: value for name, value in row.items() if name not in new_columns}
            names = [column(name, TABLES[kind].c[name].type) for name in known]
            await connection.execute(table(TABLES[kind].name, *names).insert(), [known])
        await connection.run_sync(go, "head")
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        assert await inbox.was_processed(tx, "playground:ann:1")
        assert await tx.get(Order, "o") == replace(old, shoot_credits=8)
        assert await tx.get(User, "u") == user("u")
    await database.close()
    async with engine.begin() as connection:
        await connection.run_sync(go, "0006")
        await connection.run_sync(go, "head")
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_the_outbox_of_before_has_states(sql_url: str) -> None:
    """0008: also of rows that were done and never noted as signalled; and back."""

    def go(connection: Connection, to: str) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        (command.downgrade if to == "0007" else command.upgrade)(config, to)

    now, year = datetime.now(UTC), timedelta(days=365)
    news = {"user": "u", "kind": "tally"}
    plain = {
        "queue": "chat", "name": "notice", "payload": news, "created_at": now, "due_at": now,
        "sent_at": None, "done_at": None, "attempts": 0, "key": "",
    }  # fmt: skip
    rows = {
        "waiting": {"key": "tally:o"},
        "waiting, the same key": {"key": "tally:o"},
        "dispatched": {"sent_at": now, "key": "tally:o"},
        "scrubbing": {"sent_at": now, "payload": {"left": "scrub"}},
        "given_up": {"sent_at": now, "due_at": now + year},
        "done": {"done_at": now, "payload": {}, "key": "uploads_erased:o"},
    }
    types = {"payload": JSON()} | dict.fromkeys(
        ("created_at", "due_at", "sent_at", "done_at"), UtcTime()
    )
    before = table("outbox_messages", *(column(n, types.get(n)) for n in ("id", *plain)))
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        await connection.run_sync(go, "0007")
        await connection.execute(
            before.insert(), [{"id": name} | plain | row for name, row in rows.items()]
        )
        await connection.run_sync(go, "head")
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        found = {row.id: row for row in await tx.find(OutboxMessage)}
        assert await outbox.prune(tx, now + timedelta(hours=23)) == 0
        gathered = await outbox.notify(tx, UserId("u"), "tally", now, key="tally:o")
        receipt = await outbox.notify(tx, UserId("u"), "x", now, key="uploads_erased:o", once=True)
    await database.close()
    assert {name: row.state.value for name, row in found.items()} == {
        name: name.partition(",")[0] for name in rows
    }
    assert (gathered.id, receipt.id) == ("waiting", "done")
    assert {name for name, row in found.items() if row.user_id == "u"} == {
        "waiting", "waiting, the same key", "dispatched", "given_up",
    }  # fmt: skip
    assert found["scrubbing"].payload == {}
    async with engine.begin() as connection:
        await connection.run_sync(go, "0007")
        back = {row.id: row for row in (await connection.execute(select(before))).all()}
        await connection.run_sync(go, "head")
    await engine.dispose()
    assert back["scrubbing"].payload == {"left": "scrub"}
    assert back["given_up"].due_at > now + year / 2
    for name, row in back.items():
        assert (row.sent_at is None) == name.startswith("waiting")
        assert (row.done_at is None) == (name != "done")


async def test_what_was_held_before_albums_were_judged_waits_for_an_admin(sql_url: str) -> None:
    """0010: of photos from before nobody knows how young they look, save those that were held."""

    def go(connection: Connection, to: str) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        (command.downgrade if to == "0009" else command.upgrade)(config, to)

    now = datetime(2026, 3, 14, tzinfo=UTC)
    good = Photo(PhotoId("a"), OrderId("o"), UserId("u"), PhotoState.ACCEPTED, "", "", now)
    held = replace(good, id=PhotoId("b"), state=PhotoState.HELD, flaw=Flaw.MINOR)
    new_columns = {"face_hash", "youth", "message", "compared", "turns"}
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        await connection.run_sync(go, "0009")
        rows = [
            {name: value for name, value in row_of(one).items() if name not in new_columns}
            for one in (good, held)
        ]
        names = [column(name, TABLES[Photo].c[name].type) for name in rows[0]]
        await connection.execute(table(TABLES[Photo].name, *names).insert(), rows)
        await connection.run_sync(go, "head")
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        assert await tx.find(Photo, order="id") == [good, replace(held, youth=1.0)]
    await database.close()
    async with engine.begin() as connection:
        await connection.run_sync(go, "0009")
        await connection.run_sync(go, "head")
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_who_had_chosen_a_smaller_weight_is_retouched_instead(sql_url: str) -> None:
    """0012: at the start as first portraits, below it as much as can be, above it not at all."""

    def go(connection: Connection, to: str) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        (command.downgrade if to == "0010" else command.upgrade)(config, to)

    here = Avatar(
        AvatarId("a"), UserId("u"), OrderId("o"), AvatarState.READY, "mini", Subject.WOMAN, 1,
        datetime(2026, 3, 14, tzinfo=UTC), KeyId("k"), blobs=("early", "best"), best=1, start=0.8,
        checkpoint=1, weight=0.8, step=0.1, ceiling=1.0,
    )  # fmt: skip
    below = replace(here, id=AvatarId("b"), order_id=OrderId("p"), weight=0.5, checkpoint=0)
    above = replace(here, id=AvatarId("c"), order_id=OrderId("q"), weight=0.9)
    waits = replace(
        here,
        id=AvatarId("d"),
        order_id=OrderId("r"),
        state=AvatarState.WAITING,
        start=0.0,
        weight=0.0,
    )
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        await connection.run_sync(go, "0010")
        rows = [row_of(one) | {"floor": 0.3} for one in (here, below, above, waits)]
        for row in rows:
            del row["beauty"]
        names = [
            column(name, None if name == "floor" else TABLES[Avatar].c[name].type)
            for name in rows[0]
        ]
        await connection.execute(table(TABLES[Avatar].name, *names).insert(), rows)
        await connection.run_sync(go, "head")
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        assert await tx.find(Avatar, order="id") == [
            replace(here, beauty=0.3), replace(below, weight=0.8, checkpoint=1, beauty=1.0),
            above, waits,
        ]  # fmt: skip
    await database.close()
    async with engine.begin() as connection:
        await connection.run_sync(go, "0010")
        await connection.run_sync(go, "head")
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def test_every_record_has_its_table() -> None:
    assert set(TABLES) == set(RECORDS)
    assert len({table.name for table in TABLES.values()}) == len(RECORDS)


async def test_a_data_folder_may_have_any_name(tmp_path: Path) -> None:
    data = tmp_path / "my 绒鸭 100%20? #1"
    settings = Settings.from_env({"EIDER_DATA": str(data), "EIDER_MASTER_KEY": MASTER_KEY_BASE64})
    await upgrade(settings.database_url)
    assert (data / "eider.sqlite").is_file()
    database = SqlDatabase(settings.database_url)
    async with database.begin() as tx:
        assert await tx.totals() == {}
    await database.close()
    assert [path.name for path in tmp_path.iterdir()] == [data.name]
