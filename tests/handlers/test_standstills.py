"""Who waits for work that nobody is there to do is told so once, and once more when somebody is
again: in the message where they read how far it is."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.chat import Say, Tone
from handlers.texts import texts
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM
from shop.job_kinds import JOB_KINDS
from shop.jobs import jobs, sightings, standstills
from shop.people.users import LANGUAGES
from shop.records import Job, JobId, JobState, UserId, Worker, new_id
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.test_alive import TO_MOTIONS
from tests.handlers.test_journey import TO_BILL, TO_STUDIO

KINDS = (TRAIN.name, PAINT.name, FILM.name)
STOPPED = "The studio has stopped: no machine is at work on this any more"
TO_GO = "to go."
WAITING = {
    "avatar": (
        TO_BILL,
        "[Pay here in the chat]",
        "Your money and your place in the queue are kept",
    ),
    "shoot": (TO_STUDIO, "[More like me]", "Your credits and your place in the queue are kept"),
    "gift": (TO_MOTIONS, "[B · Smile]", "Your place in the queue is kept"),
}
"""What leads there, what orders it, and what of theirs is kept."""


class Studio:
    """The only one of a house whose jobs took five minutes each, and the courier's look at it."""

    def __init__(self, harness: DialogueHarness) -> None:
        self._harness = harness
        self.patience = timedelta(seconds=harness.settings.absent_seconds)

    async def has_worked(self) -> None:
        async with self._harness.database.begin() as tx:
            for number, kind in enumerate(KINDS * 5):
                ended = self._harness.now - timedelta(minutes=number)
                begun = ended - timedelta(minutes=5)
                await tx.add(
                    Job(
                        JobId(new_id()), kind, new_id(), UserId(new_id()), JobState.DONE, begun,
                        started_at=begun, ended_at=ended,
                    )
                )  # fmt: skip

    async def is_there(self) -> None:
        now = self._harness.now
        async with self._harness.database.begin() as tx:
            known = await tx.get(Worker, "w2", lock=True)
            if known:
                await tx.put(replace(known, seen_at=now))
            else:
                await tx.add(Worker("w2", KINDS, now))
            await sightings.note(tx, "studio", KINDS, now)

    async def goes(self) -> None:
        """In order, as where it is started anew: its row goes with it."""
        async with self._harness.database.begin() as tx:
            await tx.remove(Worker, id="w2")

    async def looked_after(self, wait: timedelta = timedelta(minutes=1)) -> int:
        """How many were told in the round that follows after that time."""
        self._harness.now += wait
        for guest in self._harness.guests.values():
            guest.heard.clear()
        told = await standstills.tell(self._harness.database, JOB_KINDS.values(), self.patience)
        await self._harness.deliver()
        return told


@pytest.fixture
async def studio(harness: DialogueHarness) -> Studio:
    studio = Studio(harness)
    await studio.has_worked()
    await studio.is_there()
    return studio


def told(guest: Guest) -> Say:
    (one,) = guest.heard
    assert isinstance(one, Say)
    return one


async def waits(harness: DialogueHarness, studio: Studio, what: str) -> tuple[Guest, Say]:
    """Somebody who ordered that while the studio was there, and what stands in their chat since."""
    guest = harness.guest("anna")
    before, orders, _ = WAITING[what]
    await harness.play(guest, before)
    await studio.is_there()
    await harness.play(guest, orders)
    standing = [one for one in guest.heard if isinstance(one, Say) and one.tone is Tone.PROGRESS]
    assert TO_GO in standing[-1].text
    return guest, standing[-1]


@pytest.mark.parametrize("what", WAITING)
async def test_a_studio_that_goes_and_comes_back(harness, studio: Studio, what: str) -> None:
    guest, standing = await waits(harness, studio, what)
    assert await studio.looked_after(timedelta(seconds=5)) == 0
    await studio.goes()
    assert await studio.looked_after() == 0, "it may be back in a moment"
    assert await studio.looked_after(studio.patience) == 1
    halted = told(guest)
    assert halted.message_key == standing.message_key
    assert halted.tone is Tone.HALTED
    assert STOPPED in halted.text
    assert WAITING[what][2] in halted.text
    assert TO_GO not in halted.text
    assert not re.search(r"%|is on", halted.text)
    for _ in range(3):
        assert await studio.looked_after(timedelta(hours=1)) == 0
    await studio.is_there()
    assert await studio.looked_after(timedelta(seconds=30)) == 1
    back = told(guest)
    assert (back.message_key, back.tone) == (standing.message_key, Tone.PROGRESS)
    assert TO_GO in back.text
    assert STOPPED not in back.text
    assert await studio.looked_after(timedelta(seconds=20)) == 0


ASKS_WHETHER_IT_STOPPED = {
    "en": ("did it stop?", "has it stopped?", "is it stuck", "stopped?", "did you stop?"),
    "zh_CN": ("停了吗", "卡住了吗？", "是不是停了", "停工了吗？", "怎么停了"),
    "fr": ("ça s'est arrêté ?", "c'est bloqué ?", "le studio est arrêté ?", "ça a planté ?"),
    "ko": ("멈췄어요?", "중단됐나요?", "멈춘 건가요?", "작업이 멈췄나요?"),
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_writes_meanwhile_reads_the_same(
    harness: DialogueHarness, studio: Studio, language: str
) -> None:
    """Whatever it is that they write; asking whether it stopped is no wish to stop it."""
    guest, _ = await waits(harness, studio, "avatar")
    await harness.send_action(guest, f"language:{language}")
    say = texts(language)
    stopped = say("waiting-halted", held="money", stopped="yes")
    await harness.type(guest, "blorp")
    assert say("waiting-prompt") in guest.text
    await studio.goes()
    assert await studio.looked_after(studio.patience * 2) == 1
    for text in ("blorp", *ASKS_WHETHER_IT_STOPPED[language]):
        await harness.type(guest, text)
        assert stopped in guest.text, text
        assert say("waiting-prompt") not in guest.text
        assert say("cancel-button-no") not in guest.text
    await harness.type(guest, "/orders")
    assert say("order-paid-halted") in guest.text
    assert say("order-paid") not in guest.text
    for text in ("stop it", "停下来", "arrête ça", "멈춰 주세요"):
        await harness.type(guest, text)
        assert say("cancel-button-no") in guest.text, text


async def test_a_worker_that_dies_at_it(harness: DialogueHarness, studio: Studio) -> None:
    """Also where it was half done: no share of it is shown that nobody works at. It is told of no
    work that has ended meanwhile."""
    guest, _ = await waits(harness, studio, "avatar")
    await harness.play(guest, "* a worker trains\n< 40%")
    await studio.goes()
    assert await studio.looked_after(timedelta(seconds=100)) == 0, "its lease is alive"
    assert await studio.looked_after(timedelta(minutes=10)) == 1
    assert STOPPED in told(guest).text
    assert "40%" not in told(guest).text
    await harness.play(guest, "* the training fails")
    await studio.is_there()
    assert await studio.looked_after() == 0


async def test_who_orders_while_nobody_is_there_is_told_of_the_return_alone(
    harness: DialogueHarness, studio: Studio
) -> None:
    """Such as where studios are started for an order: that is no studio which has stopped."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_BILL)
    await studio.goes()
    assert await studio.looked_after(timedelta(hours=1)) == 0
    await harness.play(guest, "[Pay here in the chat]\n< No machine is at work on this just now")
    for _ in range(2):
        assert await studio.looked_after(studio.patience * 2) == 0
        assert not guest.heard
    await harness.play(
        guest, "[How far is it?]\n< just now\n< Your money and your place\n! stopped"
    )
    await studio.is_there()
    assert await studio.looked_after(timedelta()) == 1
    assert TO_GO in told(guest).text
    assert await studio.looked_after(studio.patience * 2) == 1
    assert STOPPED in told(guest).text


async def test_a_courier_that_is_killed_tells_in_the_next_round(
    harness: DialogueHarness, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, _ = await waits(harness, studio, "avatar")

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "tell_progress", killed)
        with pytest.raises(KeyboardInterrupt):
            await studio.looked_after(studio.patience * 2)
    assert await studio.looked_after() == 1
    assert STOPPED in told(guest).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_each_language(harness: DialogueHarness, studio: Studio, language: str) -> None:
    guest, _ = await waits(harness, studio, "avatar")
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, guest)
        locked = await tx.get(type(user), user.id, lock=True)
        assert locked
        await tx.put(replace(locked, language=language))
    say = texts(language)
    assert await studio.looked_after(studio.patience * 2) == 1
    queued, halted, leave = told(guest).text.splitlines()
    assert queued == say("waiting-queue", ahead=0)
    assert halted == say("waiting-halted", held="money", stopped="yes")
    assert leave == say("waiting-leave")
    await studio.is_there()
    assert await studio.looked_after(timedelta()) == 1
    assert told(guest).text.splitlines()[1] == say("waiting-eta", span=say.span(300, 340))


async def test_whose_work_a_worker_has_left_alone_is_told_where_it_stands(
    harness: DialogueHarness, studio: Studio
) -> None:
    """It has ended, another is there at once, and is busy with somebody else's meanwhile."""
    guest, _ = await waits(harness, studio, "avatar")
    async with harness.database.begin() as tx:
        [job] = await tx.find(Job, kind=TRAIN.name, state=JobState.WAITING, lock=True)
        begun = replace(
            job, state=JobState.RUNNING, worker="w1", started_at=harness.now, attempts=1,
            lease_until=harness.now + timedelta(seconds=30), step=20, steps=100, seconds_left=300.0,
        )  # fmt: skip
        await tx.put(begun)
    await studio.is_there()
    await studio.looked_after(timedelta(seconds=10))
    assert not guest.heard, "its lease runs"
    await studio.is_there()
    await studio.looked_after()
    assert texts("en")("waiting-queue", ahead=0) in told(guest).text
