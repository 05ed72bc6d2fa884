"""A house whose blobs lie in a bucket: a customer's whole way, and nothing left behind."""

from datetime import timedelta

from bot.health import probes
from bot.outbox.worker import tidy
from shop import erasure_journal, installation
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.jobs import jobs
from shop.records import Job
from tests.journeys.conftest import agree, pay, send_photos, sets


async def test_a_journey_in_a_bucket(moto, open_studio, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "KEPT", timedelta())
    bucket = moto.new_bucket()

    def objects() -> list[str]:
        found = moto.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return [one["Key"] for one in found]

    env = moto.env(f"s3://{bucket}/house")
    async with open_studio(**env) as studio, studio.enter() as chat:
        await agree(chat)
        await send_photos(chat)
        assert len([one for one in objects() if one.startswith("house/uploads/")]) == 20
        await pay(chat)
        await chat.wait(lambda _: bool(sets(chat)))
        await chat.wait(lambda seen: "erased" in seen.text)
        assert not [one for one in objects() if one.startswith("house/uploads/")]
        await studio.container.blobs.put("uploads/nobodys/photo", b"an orphan")
        await tidy(studio.container)
        assert "house/uploads/nobodys/photo" not in objects()
        async with studio.container.database.begin() as tx:
            assert {job.kind for job in await tx.find(Job)} == {TRAIN.name, PAINT.name}
        assert await probes(studio.container).ready["blobs"]() is not False
        await chat.say("/erase")
        await chat.press("erase:yes-")
        whose = ("house/portraits/", "house/avatars/")
        await chat.wait(lambda _: not [one for one in objects() if one.startswith(whose)])
    ours = {f"house/{installation.FOLDER}/id", f"house/{installation.FOLDER}/last-write"}
    journal = {one for one in objects() if one.startswith(f"house/{erasure_journal.FOLDER}/")}
    assert journal
    assert set(objects()) - journal <= ours | {"house/.probe"}
    assert not (tmp_path / "blobs").exists()
