"""Anything, anywhere: a helpful answer, never a dead end, and nothing that was not asked for."""

import pytest

from handlers.chat import Invoice, Pressed, Reply, Reserve, Said, SentOther, SentPhoto
from handlers.intents import Intent, action
from handlers.router import FALLBACK_PROMPTS, INTENT_STEPS, PHOTO_REFUSED, PHOTO_STATES, SCREENS
from handlers.session import State
from shop.people.users import LANGUAGES
from shop.records import Avatar, Order, Shoot, new_id
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO

TO_AGREE = "> hello\n[Portraits of me]"
PLACES = {
    State.NEW: "",
    State.WELCOME: "> hello",
    State.LANGUAGE: "> hello\n> language",
    State.AGREE: TO_AGREE,
    State.SUBJECT: TO_AGREE + "\n> yes\n> yes",
    State.PHOTOS: TO_PHOTOS,
    State.CHECKOUT: TO_BILL,
    State.WAITING: TO_BILL + "\n[Pay here in the chat]",
    State.STUDIO: TO_STUDIO,
    State.ERASING: TO_STUDIO + "\n> /erase",
    State.LINKING: TO_STUDIO + "\n> /link",
    State.VERIFYING: TO_STUDIO + "\n> /verify",
    State.RELATION: TO_STUDIO + "\n[Bring a photo alive]",
    State.CLIP: TO_STUDIO + "\n[Bring a photo alive]\n[It’s me]",
    State.WISH: TO_STUDIO + "\n[Paint my words]",
}
SENT = ("sticker", "voice", "video", "file", "place", "poll", "")
TYPED = (
    "what is the weather like?", "/nonsense", "/stats", "/", "…", "🦆", "x" * 5000, "\n\n", "0",
    "/grant telegram:1 5", "' OR 1=1 --", "{ $price }", "/start@OtherBot deep link",
)  # fmt: skip
PRESSED = (
    "garbage", "", ":", "more", "more:" + "0" * 32, "pay:" + "f" * 32, "s:no-such-style", "s:",
    "orig:x", "buy:7", "buy:many", "language:tlh", "subject:cat", "agree:everything", "styles:99",
    "styles:-1", "cancel:" + "0" * 32, "ok:" + "0" * 32, "nok:x", "decline:nothing", "x" * 200,
)  # fmt: skip


def can_go_on(replies: list[Reply]) -> bool:
    return any(buttons(reply) or isinstance(reply, Invoice) for reply in replies)


async def where(harness: DialogueHarness, guest: Guest) -> State:
    session = await harness.sessions.load("playground", guest.name)
    return session.state if session else State.NEW


def test_every_state_is_in_every_table() -> None:
    assert PLACES.keys() == SCREENS.keys() == FALLBACK_PROMPTS.keys() == set(State)
    assert PHOTO_REFUSED.keys() | PHOTO_STATES | {State.VERIFYING, State.CLIP} == set(State)
    assert INTENT_STEPS.keys() == set(Intent)


@pytest.mark.parametrize("state", State)
async def test_odd_words_and_things(harness: DialogueHarness, state: State) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, PLACES[state])
    for content in (*(Said(text) for text in TYPED[:-1]), *(SentOther(kind) for kind in SENT)):
        replies = await harness.send(guest, content)
        assert can_go_on(replies), content
        assert "code:" not in guest.text, content
        expected = State.WELCOME if state is State.NEW else state
        assert await where(harness, guest) is expected, content


@pytest.mark.parametrize("state", State)
async def test_stale_and_forged_buttons(harness: DialogueHarness, state: State) -> None:
    """Every intent in every state, and forged actions: an answer and a way on."""
    guest = harness.guest("anna")
    await harness.play(guest, PLACES[state])
    harmless = [action(intent) for intent in Intent]
    for pressed in (*PRESSED, *harmless, "erase:no", "cancel:no", "revoke:no", "terms:x"):
        replies = await harness.send(guest, Pressed(pressed))
        assert can_go_on(replies), pressed
        assert "code:" not in guest.text, pressed


@pytest.mark.parametrize("state", PHOTO_REFUSED)
async def test_a_photo_where_none_is_taken_is_not_even_read(
    harness: DialogueHarness, state: State
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, PLACES[state])
    reads: list[int] = []

    async def read(_: Reserve) -> bytes:
        reads.append(1)
        return b""

    before = await _blobs(harness)
    for _ in range(10):
        (reply,) = await harness.send(guest, SentPhoto(read, album="one"))
        assert reply.message_key == "photo-note"  # an album of ten is one message
        assert buttons(reply)
    assert "I " in guest.text
    assert reads == []
    assert await _blobs(harness) == before
    assert await where(harness, guest) is (State.WELCOME if state is State.NEW else state)


async def test_an_album_is_not_ten_messages(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    guest.all_heard.clear()
    replies = await harness.photos(guest, 10)
    message_ids = {reply.message_key for reply in (*replies, *guest.all_heard)}
    assert len(message_ids) == 1
    assert len(replies) <= 3


async def test_photos_at_checkout_are_taken_and_billed_anew(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("anna"),
        TO_PHOTOS
        + """
        + 12 photos
        * the photos are checked
        [Use these]
        < 12 are usable
        [That’s all, go to payment]
        < made from your photos (12)
        + 8 photos
        < 13 photos received
        * the photos are checked
        < 20 photos received, 20 usable
        [Use these]
        < made from your photos (20)
        """,
    )


async def test_what_is_wrong_with_photos(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_PHOTOS
        + """
        + unreadable photo
        < I couldn’t open one of them
        < 1 couldn’t be opened
        + huge photo
        < up to 20 MB
        + lost photo
        < didn’t come through
        ! 3 photos
        > that's all
        < Only 0 usable so far; I need at least 12
        """,
    )
    await harness.photos(guest, 3)
    harness.pictures -= 3
    await harness.photos(guest, 3)  # the same three again
    assert "3 are the same as others" in guest.text


async def test_too_many_photos(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    await harness.photos(guest, 30)
    (reply,) = await harness.photos(guest, 1)
    assert "1 wasn’t taken: 30 at most" in guest.text
    assert reply.message_key.startswith("tally:")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_language_can_be_chosen_by_its_name(
    harness: DialogueHarness, language: str
) -> None:
    names = {"zh_CN": "中文", "en": "English", "fr": "Français", "ko": "한국어"}
    guest = harness.guest("anna", "pt-BR")
    await harness.type(guest, "hello")
    assert "For ¥9.90" in guest.text
    await harness.type(guest, names[language])
    opening = {"zh_CN": "，用你的", "en": "For ¥9.90", "fr": "Pour 9,90", "ko": "한 번이면"}
    assert opening[language] in guest.text
    harness.guests["anna"].tag = "fr"  # the platform's guess does not undo a choice
    await harness.type(guest, "hello")
    assert opening[language] in guest.text


async def test_start_never_sends_back_to_the_start(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS + "\n+ 3 photos\n* the photos are checked")
    await harness.play(guest, "> /start\n< Welcome back\n< 3 photos received, 3 usable\n! ¥9.90")


async def _blobs(harness: DialogueHarness) -> int:
    return len([path async for path in harness.blobs.walk("uploads")])


async def test_another_persons_ids_are_nobodys(harness: DialogueHarness) -> None:
    """The same words as for an id that does not exist."""
    anna, eve = harness.guest("anna"), harness.guest("eve")
    await harness.play(anna, TO_STUDIO)
    await harness.play(eve, TO_BILL)
    async with harness.database.begin() as tx:
        annas = await harness.user_in(tx, anna)
        (shoot,) = await tx.find(Shoot, user_id=annas.id)
        (order,) = await tx.find(Order, user_id=annas.id)
        (avatar,) = await tx.find(Avatar, user_id=annas.id)
    for intent, id in [
        (Intent.MORE, shoot.id), (Intent.ORIGINALS, shoot.id), (Intent.AGAIN, shoot.id),
        (Intent.EXPRESSION, shoot.id),
        (Intent.PAY, order.id), (Intent.CANCEL, order.id), (Intent.ORIGINALS, avatar.id),
    ]:  # fmt: skip
        await harness.send(eve, Pressed(action(intent, id)))
        forged = eve.text
        await harness.send(eve, Pressed(action(intent, new_id())))
        assert eve.text == forged, intent
        assert "pictures" not in forged
