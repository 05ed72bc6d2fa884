"""Own words through a worker: what the engine is asked for, of an avatar and of nobody."""

from pipeline.engine.engine import Expression, NothingDecent
from shop.avatars import portraits, prompts
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.catalog import wishes
from shop.labels.signing import NoCredentials
from shop.money import ledger
from shop.people import consent, users
from shop.records import Avatar, ConsentKind, Job, Portrait, Prompt, Shoot, ShootState, User
from tests.channels import PLAYGROUND
from tests.doubles import QuickEngine
from tests.pipeline.worker_harness import CATALOG, all_of, buy, work_off

SENTENCE = "a smiling man, sepia, with a xylophone"


async def order(deps, user: User, avatar: Avatar | None = None) -> Shoot:
    """They are told what was heard, and say yes."""
    async with deps.database.begin() as tx:
        now = deps.database.clock()
        await users.lock(tx, user.id)
        await consent.give(tx, user, ConsentKind.TERMS, now)
        await ledger.grant(tx, user.id, 8, f"grant:{user.id}", now)
        wish = wishes.read(SENTENCE, wishes.vocabulary("mini"))
        told = await prompts.ask(tx, deps.cipher, user, wish, "mini", now, avatar)
        return await prompts.order(tx, CATALOG, deps.cipher, told, now)


async def somebody(deps, name: str) -> User:
    async with deps.database.begin() as tx:
        return await users.get_or_create(tx, PLAYGROUND, name, "en", deps.database.clock())


async def test_of_nobody(deps):
    engine = QuickEngine()
    shoot = await order(deps, await somebody(deps, "p1"))
    await work_off(deps, engine, PAINT)
    [asked] = engine.painted
    assert (asked.avatar, asked.lora, asked.subject) == (None, None, "man")
    assert (asked.prompt, asked.expression) == ("{subject}, sepia", Expression.SMILE)
    assert (asked.base, asked.adult, asked.seeds) == ("mini", True, shoot.seeds)
    painted = await all_of(deps, Portrait)
    assert len(painted) == portraits.SHOOT_SIZE
    assert {one.avatar_id for one in painted} == {None}
    async with deps.database.snapshot() as tx:
        picture = await portraits.find_picture(tx, deps.cipher, painted[0])
        assert await ledger.balance(tx, shoot.user_id) == 0
    assert (await picture.open(deps.blobs, NoCredentials()))[:2] == b"\xff\xd8"


async def test_of_ones_avatar_beside_a_style_and_somebody_elses_words(deps):
    """Painted together by one engine's call, each with their own LoRA or none."""
    engine = QuickEngine()
    await buy(deps, "p1")
    await work_off(deps, engine, TRAIN)
    [avatar] = await all_of(deps, Avatar)
    async with deps.database.snapshot() as tx:
        user = await tx.get(User, avatar.user_id)
    mine = await order(deps, user, avatar)
    other = await order(deps, await somebody(deps, "p2"))
    engine.painted.clear()
    await work_off(deps, engine, PAINT)
    asked = {one.content_id: one for one in engine.painted}
    assert len(asked) == 3, "the initial portraits, and two in own words"
    assert (asked[mine.id].avatar, asked[mine.id].subject) == (avatar.id, "woman")
    assert asked[mine.id].lora
    assert (asked[mine.id].weight, asked[mine.id].beauty) == (avatar.weight, avatar.beauty)
    assert (asked[other.id].avatar, asked[other.id].lora) == (None, None)
    ended = await all_of(deps, Shoot)
    assert {one.state for one in ended} == {ShootState.DONE}


async def test_pictures_that_do_not_pass_cost_nothing(deps):
    engine = QuickEngine()
    shoot = await order(deps, await somebody(deps, "p1"))
    engine.spoiled[""] = NothingDecent("4 seeds")
    await work_off(deps, engine, PAINT)
    [failed] = await all_of(deps, Shoot)
    [job] = await all_of(deps, Job)
    assert job.error == portraits.NOTHING_PASSED
    assert (failed.id, failed.state) == (shoot.id, ShootState.FAILED)
    async with deps.database.snapshot() as tx:
        assert await ledger.balance(tx, shoot.user_id) == 8


async def test_what_was_erased_meanwhile_is_not_painted(deps):
    engine = QuickEngine()
    shoot = await order(deps, await somebody(deps, "p1"))
    async with deps.database.begin() as tx:
        prompt = await prompts.current(tx, await users.lock(tx, shoot.user_id))
        assert prompt is None
        ordered = await tx.get(Prompt, shoot.prompt_id)
        await prompts.erase(tx, ordered, "erased", deps.database.clock())
    await work_off(deps, engine, PAINT)
    assert engine.painted == []
    assert [path async for path in deps.blobs.walk("portraits")] == []
