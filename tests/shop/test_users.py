import pytest

from shop.errors import Banned, NotFound
from shop.people import users
from shop.records import User
from tests.channels import PLAYGROUND, TELEGRAM


@pytest.mark.parametrize(
    ("hint", "language"),
    [
        ("zh-hans", "zh_CN"),
        ("zh-TW", "zh_CN"),
        ("zh_CN", "zh_CN"),
        ("fr-CA", "fr"),
        ("KO", "ko"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "en"),
        ("frisian", "en"),
    ],
)
def test_the_language_is_guessed_from_the_platforms_tag(hint, language):
    assert users.language_for(hint) == language


async def test_the_same_chat_is_the_same_person(tx, now):
    first = await users.get_or_create(tx, TELEGRAM, "42", "fr", now)
    again = await users.get_or_create(tx, TELEGRAM, "42", "fr", now)
    other = await users.get_or_create(tx, PLAYGROUND, "42", "fr", now)

    assert first == again != other
    assert await tx.count(User) == 2
    assert users.admin_name(first) == "telegram:42"


async def test_the_platforms_guess_counts_until_the_person_chooses(tx, now):
    user = await users.get_or_create(tx, TELEGRAM, "42", "", now)
    assert user.language == "en"
    assert (await users.get_or_create(tx, TELEGRAM, "42", "ko", now)).language == "ko"

    await users.set_language(tx, user, "zh_CN")

    assert (await users.get_or_create(tx, TELEGRAM, "42", "ko", now)).language == "zh_CN"


async def test_a_language_that_we_do_not_speak_is_refused(tx, now):
    user = await users.get_or_create(tx, TELEGRAM, "42", "", now)
    with pytest.raises(NotFound):
        await users.set_language(tx, user, "tlh")


async def test_the_banned_are_not_welcome_until_pardoned(tx, now):
    user = await users.get_or_create(tx, TELEGRAM, "42", "", now)
    await users.ban(tx, user)
    with pytest.raises(Banned):
        await users.lock_unbanned(tx, user.id)

    await users.unban(tx, user)

    assert await users.lock_unbanned(tx, user.id) == user


async def test_changes_do_not_undo_each_other(tx, now):
    """Each takes the row as it is, not as the caller remembers it."""
    user = await users.get_or_create(tx, TELEGRAM, "42", "", now)
    await users.ban(tx, user)
    await users.set_unreachable(tx, user, True)
    changed = await users.set_language(tx, user, "ko")

    assert (changed.banned, changed.unreachable, changed.language) == (True, True, "ko")
