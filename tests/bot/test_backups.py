"""The rehearsal of docs/backup.md: a backup is made, much happens, the database is lost, and the
backup is restored, by the commands that an operator types."""

import asyncio
import base64
import json
import os
import shutil
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from shop import erasure_replay, linking, privacy
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase
from shop.adapters.machine_clock import utc_now
from shop.avatars import avatars, prompts
from shop.catalog import wishes
from shop.clips import clips
from shop.encryption import EnvelopeCipher, KeyedHash, signing_key_of
from shop.errors import SchemaUnfit, Unavailable
from shop.jobs import sightings
from shop.orders import orders
from shop.people import consent, linked_chats, past_accounts
from shop.photos import chosen
from shop.records import (
    Avatar,
    AvatarState,
    Clip,
    ClipState,
    Consent,
    ConsentKind,
    ErasureKind,
    LinkedChat,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    Portrait,
    SealedKey,
    Sighting,
    User,
)
from shop.sealed_blobs import find_blob
from shop.support import cases
from tests.bot.sandbox_purchases import billed
from tests.keys import MASTER_KEY, MASTER_KEY_BASE64
from tests.shop import linked, moving
from tests.shop.conftest import Shop

WISH = wishes.read("smiling, sepia", wishes.vocabulary("mini"))
OTHER_MASTER_KEY = base64.b64encode(os.urandom(32)).decode()


class Studio:
    """An operator's shell, and customers beside it."""

    def __init__(self, container, env, folder: Path, monkeypatch, capsys) -> None:
        self.container, self.env, self.folder = container, dict(env), folder
        self._monkeypatch, self._capsys = monkeypatch, capsys

    async def types(self, *words: str) -> tuple[int, str]:
        """The command's exit status, and what it said."""
        for name in [name for name in os.environ if name.startswith("EIDER_")]:
            self._monkeypatch.delenv(name)
        for name, value in self.env.items():
            self._monkeypatch.setenv(name, value)
        status = await asyncio.to_thread(main, [str(word) for word in words])
        told = self._capsys.readouterr()
        return status, told.out + told.err

    @asynccontextmanager
    async def shop(self, database=None):
        async with (database or self.container.database).begin() as tx:
            yield Shop(
                tx, await tx.now(), self.container.blobs, self.container.cipher,
                past_accounts.address_hash(signing_key_of(MASTER_KEY)),
            )  # fmt: skip

    async def erases(self) -> None:
        """What the outbox worker does before it tells anybody."""
        await self.container.erasure_journal.write(self.container.database)

    async def backed_up(self) -> Path:
        status, said = await self.types("backup", "--to", self.folder / "backups")
        assert status == 0, said
        return self.folder / "backups" / said.partition(":")[0]

    async def restores(self, backup: Path, *more: str) -> tuple[int, str]:
        return await self.types("restore", backup, "--key", self.folder / "backup.key", *more)

    def loses_database(self, name: str = "restored") -> SqlDatabase:
        """The blobs are there, and a new, empty database."""
        self.env["EIDER_DATABASE_URL"] = f"sqlite+aiosqlite:///{self.folder / name}.sqlite"
        return SqlDatabase(self.env["EIDER_DATABASE_URL"])


@pytest.fixture
async def studio(container, env, tmp_path, monkeypatch, capsys):
    made = Studio(container, env, tmp_path, monkeypatch, capsys)
    status, said = await made.types("backup-key", tmp_path / "backup.key")
    assert status == 0
    name, _, public = said.splitlines()[0].partition("=")
    made.env[name] = public
    return made


async def alive(database) -> dict[str, set[str]]:
    """Whatever of people could be seen, used or opened."""
    async with database.snapshot() as tx:
        return {
            "keys": {one.id for one in await tx.find(SealedKey)},
            "people": {one.id for one in await tx.find(User, erased_at=None)},
            "photos": {one.id for one in await tx.find(Photo) if one.blob},
            "portraits": {one.id for one in await tx.find(Portrait)},
            "consents": {one.id for one in await tx.find(Consent, withdrawn_at=None)},
            "chats": {one.id for one in await tx.find(LinkedChat)},
            "avatars": {one.id for one in await tx.find(Avatar, state=AvatarState.READY)},
            "sources": {path for one in await tx.find(Clip) for path in one.sources},
        }


async def test_what_was_erased_since_stays_erased(studio):
    """Of every kind of thing that ends one before the backup's loss and after it is looked at: what
    is alive in the restored database was alive in the lost one, and nobody else is touched."""
    async with studio.shop() as shop:
        _, kept, first = await shop.ready("stays")
        await shop.painted(first)
        gone, _, painted = await shop.ready("goes")
        await shop.painted(painted)
        _, training = await shop.paid("trains")
        _, failing = await shop.paid("fails")
        bought, _, _ = await shop.ready("has the money back")
        wisher = await shop.customer("wishes")
        wished = await prompts.ask(shop.tx, shop.cipher, wisher, WISH, "mini", shop.now)
        album = await shop.collecting(2, "takes one out")
        expired = await shop.collecting(2, "lets it expire")
        clip = await moving.ready(shop, "films")
        refused = await moving.ready(shop, "gives up")
        pair = await linked.link(
            shop, await linked.web(shop, "two"), await linked.chat(shop, "2000")
        )
        apart = [await linked.web(shop, "one"), await linked.chat(shop, "1000")]
        doubtful = await shop.customer("doubts")
        asks = await shop.customer("asks")
        await cases.begin(shop.tx, shop.cipher, asks, shop.now)
    backup = await studio.backed_up()

    async with studio.shop() as shop:
        new = await shop.customer("comes after")
        await privacy.erase(shop.tx, await shop.tx.get(User, gone.user_id), shop.now)
        await shop.trained(training)
        await avatars.fail(shop.tx, failing, "it broke", shop.now)
        await orders.refund(shop.tx, bought, "admin", shop.now)
        await prompts.erase(shop.tx, wished, "erased", shop.now)
        [one, _] = await shop.tx.find(Photo, order_id=album.id, order="created_at")
        await chosen.take_out(shop.tx, album, [one.id], shop.now)
        await orders.cancel(shop.tx, expired, shop.now, "expired")
        await clips.give_up(shop.tx, refused, shop.now)
        chats = await linked_chats.of(shop.tx, pair.id)
        await linking.unlink(shop.tx, pair, chats[:1], chats[1], shop.now)
        await privacy.erase(shop.tx, await linked.link(shop, *apart), shop.now)
        await consent.withdraw(shop.tx, doubtful, ConsentKind.MOTION, shop.now)
        await cases.erase(shop.tx, asks)
    await studio.erases()
    lost = await alive(studio.container.database)

    restored = studio.loses_database()
    status, said = await studio.restores(backup)
    assert status == 0, said
    found = await alive(restored)
    for kind in found:
        extra = found[kind] - lost[kind]
        if kind == "people":  # a chat that was unlinked is somebody new, who has nothing
            assert not extra & {gone.user_id, *(one.id for one in apart)}
        else:
            assert not extra, kind
    assert new.id not in found["people"], "what came after the backup is lost"
    async with studio.shop(restored) as shop:
        avatar = await shop.tx.get(Avatar, kept.id)
        [portrait, *_] = await shop.tx.find(Portrait, avatar_id=kept.id)
        sealed = await find_blob(shop.tx, shop.cipher, avatar.key_id, portrait.blob)
        assert (await shop.tx.get(Clip, clip.id)).state is ClipState.READY
        trained = await shop.tx.get(Order, training.order_id)
        told = [one.payload for one in await shop.tx.find(OutboxMessage, name="notice")]
    assert await sealed.open(studio.container.blobs), "who was not erased has all that they had"
    assert trained.state is OrderState.REFUNDING, "its photos and its avatar are gone: money back"
    assert {"avatar_failed"} <= {one["kind"] for one in told if one["user"] == trained.user_id}
    assert not [one for one in told if one["user"] == gone.user_id], "they were told once"
    await restored.close()


async def test_money_that_came_after_the_backup_is_found(studio):
    """A bill that the backup knows is booked late; one that it does not know goes back."""
    till = studio.container.cashier.till
    known = await billed(studio.container, "known")
    backup = await studio.backed_up()
    unknown = await billed(studio.container, "unknown")
    for order in (known, unknown):
        await till.pay(order.bill)
        event = await till.find(order.id)
        async with studio.shop() as shop:
            await orders.confirm_payment(shop.tx, event, shop.now)
    assert (await studio.types("reconcile"))[0] == 0

    restored = studio.loses_database()
    assert (await studio.restores(backup))[0] == 0
    status, said = await studio.types("reconcile")
    assert status == 1
    assert f"unbooked (mended): ours 0, theirs 990 CNY; order {known.id}" in said
    [stray] = [line for line in said.splitlines() if "stray (look" in line]
    async with restored.snapshot() as tx:
        assert (await tx.get(Order, known.id)).state is OrderState.PAID
        assert await tx.get(Order, unknown.id) is None
    charge = stray.rpartition("charge ")[2]
    assert "given back" in (await studio.types("reconcile", "--give-back", charge))[1]
    assert (await studio.types("reconcile"))[0] == 0
    await restored.close()


async def test_a_backup_that_cannot_be_trusted_changes_nothing(studio, tmp_path):
    await billed(studio.container, "somebody")
    before = tmp_path / "blobs-before"
    await asyncio.to_thread(shutil.copytree, tmp_path / "blobs", before)
    backup = await studio.backed_up()
    whole = backup.read_bytes()
    damaged = tmp_path / "damaged.age"
    assert (await studio.restores(backup, "--check"))[0] == 0
    assert "not empty" in (await studio.restores(backup))[1], "into the database that is there"

    restored = studio.loses_database()
    for bytes_ in (whole[:-1], whole[: len(whole) // 2], b"", whole[:-20] + bytes(20)):
        damaged.write_bytes(bytes_)
        status, said = await studio.restores(damaged)
        assert status == 2
        assert "cut off, altered, or no backup. Nothing was changed." in said
    await studio.types("backup-key", tmp_path / "other.key")
    status, said = await studio.types("restore", backup, "--key", tmp_path / "other.key")
    assert (status, "another key's" in said) == (2, True)
    studio.env["EIDER_LOG_FORMAT"] = "json"
    status, said = await studio.types("restore", damaged, "--key", tmp_path / "backup.key")
    assert (status, json.loads(said)["event"]) == (2, "refused_to_start")
    del studio.env["EIDER_LOG_FORMAT"]
    studio.env["EIDER_MASTER_KEY"] = OTHER_MASTER_KEY
    assert "without this EIDER_SIGNING_KEY" in (said := (await studio.restores(backup))[1])
    assert "or by a version before this one: restore it with that version" in said
    studio.env["EIDER_MASTER_KEY"] = MASTER_KEY_BASE64
    studio.env["EIDER_DATA"] = str(tmp_path / "stale")
    await asyncio.to_thread(shutil.copytree, before, tmp_path / "stale" / "blobs")
    status, said = await studio.restores(backup)
    assert (status, "does not know this backup" in said) == (2, True)
    studio.env["EIDER_DATA"] = str(tmp_path)
    status, said = await studio.restores(backup)
    assert (status, "No blob is missing" in said) == (0, True), "nothing of all that was left"
    await restored.close()


async def test_a_restore_that_is_cut_off_is_ended_before_anybody_works(studio, monkeypatch):
    async with studio.shop() as shop:
        gone = await shop.collecting(1, "goes")
    other, backup = await studio.backed_up(), await studio.backed_up()
    async with studio.shop() as shop:
        await privacy.erase(shop.tx, await shop.tx.get(User, gone.user_id), shop.now)
    await studio.erases()

    restored = studio.loses_database()
    with monkeypatch.context() as patched:
        patched.setattr(erasure_replay, "replay", _fails)
        with pytest.raises(ConnectionError):
            await studio.restores(backup)
    with pytest.raises(SchemaUnfit, match="python -m bot restore"):
        async with restored.begin():
            pass
    assert "is being restored" in (await studio.types("reconcile"))[1]
    assert "python -m bot restore (docs/backup.md)" in (await studio.types("doctor"))[1]
    status, said = await studio.restores(other)
    assert (status, "another backup's rows are there" in said) == (2, True)
    blobs, journal = studio.folder / "blobs", studio.folder / "journal"
    (blobs / "erasures").rename(journal)
    status, said = await studio.types("restore")
    assert (status, "does not know this backup" in said) == (2, True), "a copy from before it"
    journal.rename(blobs / "erasures")
    status, said = await studio.types("restore")
    assert (status, "goes on" in said) == (0, True)
    assert "by the journal: 1 person, 5 consents, 1 key." in said
    async with restored.snapshot() as tx:
        assert (await tx.get(User, gone.user_id)).erased_at
        assert not await tx.count(SealedKey)
    await restored.close()


async def test_the_newest_are_kept_in_a_bucket(studio, moto, tmp_path):
    """And what lacks a blob is said."""
    place = f"s3://{moto.new_bucket()}/backups"
    studio.env |= {**moto.env(""), "EIDER_BACKUP_URL": place}
    async with studio.shop() as shop:
        await shop.collecting(2, "somebody")
    names = []
    for _ in range(3):
        status, said = await studio.types("backup", "--keep", "2")
        assert status == 0, said
        names.append(said.partition(":")[0])
    assert f"{names[0]}: removed" in said
    async with studio.shop() as shop:
        assert await shop.tx.get(Sighting, sightings.BACKUP), "the doctor and the alerts know of it"
        lost = (await shop.tx.find(Photo))[0].blob
    await studio.container.blobs.remove(lost)

    studio.loses_database()
    status, said = await studio.restores(f"{place}/{names[2]}")
    assert status == 0, said
    assert f"1 blob is missing:\n  {lost}" in said
    status, said = await studio.types("restore", "--check")
    assert (status, lost in said) == (1, True)
    status, said = await studio.restores(f"{place}/{names[0]}")
    assert status == 1, "it is gone"


async def _rewritten(blobs: DiskBlobs, write) -> int:
    """By another version: each blob of the journal as ``write`` makes it of its day and lines."""
    paths = [path async for path in blobs.walk("erasures")]
    for path in paths:
        lines = (await blobs.get(path)).decode().partition("\n")[2]
        await blobs.put(path, write(path.split("/")[1], lines).encode())
    return len(paths)


_CODE = KeyedHash(signing_key_of(MASTER_KEY), "erasures/1")
FORMER = {
    "unsigned": lambda day, lines: lines + "\n",
    "signed without the day": lambda day, lines: f"{_CODE(lines)}\n{lines}",
    "signed without the name": lambda day, lines: f"{_CODE(day, lines)}\n{lines}",
}


@pytest.mark.parametrize("write", FORMER.values(), ids=FORMER)
async def test_the_journal_of_a_former_version_is_taken_over(studio, write):
    """The doctor says it before the disaster; after it the same command helps, without a database.
    What is none of the journal's is named, and nothing is signed beside it."""
    async with studio.shop() as shop:
        gone = await shop.collecting(1, "goes")
    backup = await studio.backed_up()
    async with studio.shop() as shop:
        await privacy.erase(shop.tx, await shop.tx.get(User, gone.user_id), shop.now)
    await studio.erases()
    blobs = studio.container.blobs
    count = await _rewritten(blobs, write)
    await studio.container.erasure_journal.tidy(utc_now() + timedelta(days=1))
    assert len([path async for path in blobs.walk("erasures")]) == count, "left as they are"

    status, said = await studio.types("doctor")
    assert (status, f"bad   journal       {count} blobs would stop" in said) == (1, True), said
    restored = studio.loses_database()
    status, said = await studio.restores(backup)
    assert (status, "python -m bot master-key sign-anew" in said) == (1, True)
    await blobs.put("erasures/2026-11-27/x", b"garbage")
    status, said = await studio.types("master-key", "sign-anew")
    assert (status, "at erasures/2026-11-27/x: " in said, "take it away" in said) == (1, True, True)
    await blobs.remove("erasures/2026-11-27/x")
    assert "sign-anew" in (await studio.restores(backup))[1], "nothing was signed"
    status, said = await studio.types("master-key", "sign-anew")
    assert (status, f": blobs {count}, erasures in them 7." in said) == (0, True), said
    status, said = await studio.restores(backup)
    assert (status, "by the journal: 1 person" in said) == (0, True), said
    status, said = await studio.types("doctor")
    assert "ok    journal       can be read" in said
    await restored.close()


async def test_a_backup_is_what_its_name_says(studio):
    """And files under such names, which somebody else has made, move none of ours out."""
    folder = studio.folder / "backups"
    first, second = await studio.backed_up(), await studio.backed_up()
    for n in range(5):
        (folder / second.name.replace(second.name[-12:], f"0000000{n}.age")).write_bytes(b"fake")
    status, said = await studio.types("backup", "--to", folder, "--keep", "2")
    assert (status, said.count(": removed")) == (0, 1), said
    assert second.exists(), said
    assert not first.exists()
    newest = folder / said.partition(":")[0]
    shutil.copy(second, newest)
    restored = studio.loses_database()
    for more in ((), ("--check",)):
        status, said = await studio.restores(newest, *more)
        assert (status, f"another backup, which was named {second.name}" in said) == (2, True)
    shutil.copy(second, studio.folder / "mine.age")
    assert (await studio.restores(studio.folder / "mine.age"))[0] == 0, "in an empty database"
    await restored.close()


async def _fails(*_):
    raise ConnectionError


async def test_the_master_key_is_changed_by_commands(studio):
    """And a backup from before the change is restored by both keys."""
    async with studio.shop() as shop:
        order = await shop.collecting(1, "somebody")
    backup, url = await studio.backed_up(), studio.env["EIDER_DATABASE_URL"]
    assert (await studio.types("master-key", "rotate"))[0] == 2, "there is no other key"

    studio.env |= {"EIDER_MASTER_KEY": OTHER_MASTER_KEY, "EIDER_MASTER_KEY_OLD": MASTER_KEY_BASE64}
    assert (await studio.types("master-key", "status"))[0] == 1
    status, said = await studio.types("master-key", "rotate")
    assert (status, "1 data keys were wrapped anew, and 0 are left" in said) == (0, True)
    assert (await studio.types("master-key", "status"))[0] == 0
    name, _, signing = (await studio.types("master-key", "signing-key"))[1].strip().partition("=")
    assert base64.b64decode(signing) == signing_key_of(MASTER_KEY), "what was signed stays valid"
    del studio.env["EIDER_MASTER_KEY_OLD"]
    status, said = await studio.types("reconcile")
    assert (status, "EIDER_SIGNING_KEY: " in said) == (2, True), said
    for command in (["doctor"], ["backup", "--to", studio.folder / "refused"]):
        status, said = await studio.types(*command)
        assert (status > 0, "EIDER_SIGNING_KEY: is not" in said) == (True, True), command
    studio.env[name] = signing
    assert (await studio.types("reconcile"))[0] == 0
    async with studio.shop() as shop:
        [photo] = await shop.tx.find(Photo, order_id=order.id)
        only_new = EnvelopeCipher(base64.b64decode(OTHER_MASTER_KEY))
        sealed = await find_blob(shop.tx, only_new, order.key_id, photo.blob)
    assert await sealed.open(studio.container.blobs), "by the new key alone, of the same blob"

    restored = studio.loses_database()
    assert "EIDER_MASTER_KEY: is not" in (await studio.restores(backup))[1]
    studio.env["EIDER_MASTER_KEY_OLD"] = MASTER_KEY_BASE64
    assert (await studio.restores(backup))[0] == 0
    assert "1 data keys" in (await studio.types("master-key", "rotate"))[1]
    await restored.close()
    studio.env |= {"EIDER_DATABASE_URL": url, name: OTHER_MASTER_KEY}
    assert (await studio.types("reconcile"))[0] == 2
    del studio.env[name]
    status, said = await studio.types("master-key", "sign-anew")
    assert (status, "EIDER_SIGNING_KEY is not set: the key of before stays" in said) == (0, True)
    del studio.env["EIDER_MASTER_KEY_OLD"]
    status, said = await studio.types("master-key", "sign-anew")
    assert (status, "EIDER_SIGNING_KEY: is missing" in said) == (1, True), "what is to sign is said"
    studio.env[name] = OTHER_MASTER_KEY
    assert (await studio.types("master-key", "sign-anew"))[0] == 0
    assert (await studio.types("reconcile"))[0] == 0


async def test_nobody_has_a_receipt_before_the_journal_has_it(studio, monkeypatch):
    container = studio.container
    async with studio.shop() as shop:
        order = await shop.collecting(1, "goes")
        await orders.cancel(shop.tx, order, shop.now, "expired")
        [message] = await shop.tx.find(OutboxMessage, name="erase_uploads")

    async def receipts() -> int:
        await container.outbox_handlers.answer({"message": message.id})
        async with container.database.snapshot() as tx:
            notices = await tx.find(OutboxMessage, name="notice")
        return sum(one.payload.get("kind") == "uploads_erased" for one in notices)

    with monkeypatch.context() as away:
        away.setattr(DiskBlobs, "create", _away)
        assert await receipts() == 0
    assert await receipts() == 1
    lines = [line async for line in container.erasure_journal.read()]
    assert [line.subject for line in lines if line.kind is ErasureKind.KEY] == [order.key_id]


async def _away(*_):
    raise Unavailable
