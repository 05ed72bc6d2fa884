"""What a reply becomes in a chat: over HTTP, against the double."""

import asyncio
import time
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from bot.outbound import RetryLater, Unreachable
from bot.state.sessions import MessageIds
from bot.telegram.calls import Refused
from bot.telegram.client import TokenRefused, open_client
from bot.telegram.outbound import TelegramOutbound
from handlers.chat import Button, Invoice, Picture, Say, Show, Tone
from shop.records import Currency
from tests.botapi import BotApi, Customer, Failure, until

NOIR = Button("Noir", "style:noir")


def jpeg(shade: int = 100) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 80), (shade, 80, 80)).save(out, "JPEG")
    return out.getvalue()


def picture(name: str = "p1", shade: int = 100) -> Picture:
    return Picture(name, jpeg(shade), "image/jpeg")


async def test_a_text_comes_with_its_buttons_and_no_preview(api, customer, outbound, signer):
    await outbound.send("4201", Say("Hello", ((NOIR, Button("Site", url="https://x.org/a")),)))
    (shown,) = customer.chat.shown
    assert shown.text == "Hello"
    data = shown.buttons()["Noir"]["callback_data"]
    assert signer.open("4201", data) == "style:noir"
    assert shown.buttons()["Site"]["url"] == "https://x.org/a"
    assert api.made("sendMessage")[0].values["link_preview_options"] == {"is_disabled": True}


async def test_a_long_text_is_cut_at_line_ends_and_the_buttons_stand_under_the_end(
    customer, outbound
):
    lines = [f"line {n:04}" for n in range(900)]
    await outbound.send("4201", Say("\n".join(lines), ((NOIR,),)))
    texts = customer.texts()
    assert len(texts) == 3
    assert "\n".join(texts).split("\n") == lines
    assert [bool(shown.markup) for shown in customer.chat.shown] == [False, False, True]


async def test_a_slot_is_edited_in_place_and_saying_the_same_again_is_no_error(customer, outbound):
    for share in (0.0, 0.5, 0.5, 1.0):
        await outbound.send(
            "4201", Say("Working", message_key="w", tone=Tone.PROGRESS, share=share)
        )
    (shown,) = customer.chat.shown
    assert shown.text == "Working\n\n" + "▓" * 10
    assert shown.edits == 2
    assert shown.silent


async def test_a_slot_whose_message_was_erased_by_the_person_is_shown_anew(customer, outbound):
    await outbound.send("4201", Say("one", message_key="w"))
    customer.chat.shown.clear()
    await outbound.send("4201", Say("two", message_key="w"))
    await outbound.send("4201", Say("three", message_key="w"))
    assert customer.texts() == ["three"]


async def test_slots_of_two_names_and_two_people_do_not_meet(api, customer, outbound):
    other = Customer(api, 4202)
    for chat in ("4201", "4202"):
        for message_key in ("a", "b"):
            await outbound.send(chat, Say(f"{message_key} of {chat}", message_key=message_key))
    assert customer.texts() == ["a of 4201", "b of 4201"]
    assert other.texts() == ["a of 4202", "b of 4202"]


async def test_one_picture_carries_caption_and_buttons(api, customer, outbound):
    await outbound.send("4201", Show((picture(),), "You", ((NOIR,),)))
    (shown,) = customer.chat.shown
    assert shown.photo == jpeg()
    assert shown.caption == "You"
    assert "Noir" in shown.buttons()
    assert api.made("sendChatAction")[0].values["action"] == "upload_photo"


async def test_an_album_has_no_keyboard_so_caption_and_buttons_follow(customer, outbound):
    four = tuple(picture(f"p{n}", n * 20) for n in range(4))
    await outbound.send("4201", Show(four, "Film noir", ((NOIR,),)))
    *album, words = customer.chat.shown
    assert [shown.photo for shown in album] == [each.data for each in four]
    assert len({shown.group for shown in album}) == 1
    assert not any(shown.caption for shown in album)
    assert words.text == "Film noir"
    assert "Noir" in words.buttons()


async def test_an_album_without_buttons_keeps_its_caption(customer, outbound):
    await outbound.send("4201", Show((picture("a", 1), picture("b", 2)), "Two of you"))
    assert [shown.caption for shown in customer.chat.shown] == ["Two of you", ""]


async def test_originals_arrive_as_untouched_files_under_opaque_names(api, customer, outbound):
    await outbound.send("4201", Show((picture("a", 1), picture("b", 2)), "", original=True))
    await outbound.send("4201", Show((picture("c", 3),), "One", original=True))
    assert [shown.document[1] for shown in customer.chat.shown] == [jpeg(1), jpeg(2), jpeg(3)]
    assert api.made("sendDocument")[0].values["disable_content_type_detection"] is True
    assert api.made("sendChatAction")[0].values["action"] == "upload_document"


async def test_a_caption_beyond_the_limit_becomes_a_text(customer, outbound):
    await outbound.send("4201", Show((picture(),), "x" * 1025, ((NOIR,),)))
    photo, words = customer.chat.shown
    assert (photo.caption, photo.markup) == ("", None)
    assert words.text == "x" * 1025
    assert "Noir" in words.buttons()


async def test_a_text_in_a_slot_may_become_a_picture_and_the_picture_another(customer, outbound):
    await outbound.send("4201", Say("soon", message_key="sample"))
    await outbound.send("4201", Show((picture("a", 1),), "first", message_key="sample"))
    await outbound.send("4201", Show((picture("b", 2),), "second", message_key="sample"))
    (shown,) = customer.chat.shown
    assert (shown.photo, shown.caption) == (jpeg(2), "second")
    await outbound.send("4201", Say("words again", message_key="sample"))
    assert customer.texts() == ["second", "words again"]


async def test_a_bill_says_what_it_is_for_and_opens_the_cashier(customer, outbound):
    pay = Button("Pay here", "pay")
    bill = Invoice(
        "Eider avatar", "¥9.90, once.", 990, Currency.CNY, "b1", "https://p.example/b1", ((pay,),)
    )
    await outbound.send("4201", bill)
    (shown,) = customer.chat.shown
    assert shown.text == "Eider avatar\n\n¥9.90, once."
    assert shown.buttons()["💳 Eider avatar"]["url"] == "https://p.example/b1"
    assert "callback_data" in shown.buttons()["Pay here"]


async def test_an_address_that_no_button_may_have_is_written_out(customer, outbound):
    bill = Invoice("Avatar", "¥9.90", 990, Currency.CNY, "b1", "http://localhost:8080/till/b1")
    await outbound.send("4201", bill)
    (shown,) = customer.chat.shown
    assert shown.text.endswith("\nhttp://localhost:8080/till/b1")
    assert shown.markup is None


async def test_who_blocked_the_bot_is_unreachable(customer, outbound):
    customer.chat.blocked = True
    album = Show((picture("a", 1), picture("b", 2)), "Two of you")
    for reply in (Say("Hello"), Show((picture(),), "One"), album):
        with pytest.raises(Unreachable):
            await outbound.send("4201", reply)
    with pytest.raises(Unreachable):
        await outbound.send("999", Say("to a chat that never was"))


GONE = (
    Failure(403, "Forbidden: bot was blocked by the user"),
    Failure(403, "Forbidden: user is deactivated"),
    Failure(403, "Forbidden: bot can't initiate conversation with a user"),
    Failure(400, "Bad Request: USER_IS_BLOCKED"),
    Failure(400, "Bad Request: INPUT_USER_DEACTIVATED"),
    Failure(400, "Bad Request: USER_DEACTIVATED"),
    Failure(400, "Bad Request: USER_IS_BOT"),
    Failure(400, "Bad Request: user not found"),
    Failure(400, "Bad Request: USER_ID_INVALID"),
    Failure(400, "Bad Request: chat not found"),
    Failure(400, "Bad Request: private chat not found"),
    Failure(400, "Bad Request: PEER_ID_INVALID"),
    Failure(400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
    Failure(400, 'Bad Request: failed to send message #1 with the error message "USER_IS_BLOCKED"'),
    Failure(
        400,
        'Bad Request: failed to send message #2 with the error message "INPUT_USER_DEACTIVATED"',
    ),
)
ONE, TWO = (picture("a", 1),), (picture("a", 1), picture("b", 2))
BILL = Invoice("Eider avatar", "once", 990, Currency.CNY, "b1", "https://p.example/b1")
EVERY_MESSAGE = {
    "sendMessage": Say("Hello"),
    "sendPhoto": Show(ONE, "One"),
    "sendMediaGroup": Show(TWO, "Two"),
    "sendDocument": Show(ONE, "One", original=True),
    "editMessageText": Say("changed", message_key="words"),
    "editMessageMedia": Show(ONE, "changed", message_key="picture"),
}


@pytest.mark.parametrize("method", EVERY_MESSAGE)
async def test_the_whole_family_of_refusals_is_unreachable(api, customer, outbound, method):
    await outbound.send("4201", Say("stands", message_key="words"))
    await outbound.send("4201", Show((picture("b", 2),), "stands", message_key="picture"))
    for failure in GONE:
        api.fail(method, failure)
        with pytest.raises(Unreachable):
            await outbound.send("4201", EVERY_MESSAGE[method])
    assert len(customer.chat.shown) == 2
    api.fail(method, Failure(400, "Bad Request: out of sorts"), times=2)
    if method.startswith("send"):  # an edit that is refused is sent anew
        with pytest.raises(Refused):
            await outbound.send("4201", EVERY_MESSAGE[method])


async def test_a_bill_and_an_album_of_files_meet_it_as_well(api, customer, outbound):
    api.fail("sendMessage", Failure(400, "Bad Request: USER_IS_BLOCKED"))
    with pytest.raises(Unreachable):
        await outbound.send("4201", BILL)
    customer.chat.blocked = True
    with pytest.raises(Unreachable):
        await outbound.send("4201", Show(TWO, "", original=True))


@pytest.mark.parametrize("patience", [1000.0])
async def test_a_429_within_patience_is_sat_out_and_holds_up_nobody_else(
    api, customer, outbound, naps, redis
):
    other = Customer(api, 4202)
    api.fail("sendMessage", Failure(429, "Too Many Requests", retry_after=600))
    naps.gate = asyncio.Event()
    slow = asyncio.create_task(outbound.send("4201", Say("late")))
    await until(lambda: naps.asked and naps.asked[-1] > 100)
    assert naps.asked[-1] <= 600
    await outbound.send("4202", Say("at once"))
    assert other.texts() == ["at once"]
    assert not slow.done()
    assert customer.texts() == []
    await redis.delete("eider:closed:4201")  # its ten minutes are over
    naps.gate.set()
    await slow
    assert customer.texts() == ["late"]
    assert len(api.made("sendMessage")) == 3


@pytest.mark.parametrize("patience", [60.0])
async def test_after_a_short_429_the_second_attempt_keeps_its_distance(api, customer, outbound):
    api.fail("sendMessage", Failure(429, "Too Many Requests", retry_after=1))
    await outbound.send("4201", Say("late"))
    refused, done = api.made("sendMessage")
    assert done.at - refused.at > 0.95
    assert customer.texts() == ["late"]


async def test_a_long_429_is_handed_back_and_not_asked_again_before_its_time(
    api, customer, outbound
):
    customer.chat.deaf_until = time.monotonic() + 600
    with pytest.raises(RetryLater) as first:
        await outbound.send("4201", Say("x"))
    with pytest.raises(RetryLater) as second:
        await outbound.send("4201", Say("x"))
    assert 400 < second.value.after <= first.value.after <= 601
    assert len(api.made("sendMessage")) == 1


async def test_a_network_that_stumbles_is_tried_again(api, customer, outbound):
    api.fail("sendMessage", Failure(502, "Bad Gateway"))
    await outbound.send("4201", Say("through"))
    assert customer.texts() == ["through"]


async def test_a_network_that_stays_away_is_told_to_the_caller(
    api, customer, outbound, monkeypatch
):
    monkeypatch.setattr("bot.telegram.calls._FIRST_PAUSE", 0.05)
    api.down = True
    with pytest.raises(ConnectionError):
        await outbound.send("4201", Say("x"))
    assert 2 <= len(api.made("sendMessage")) <= 5, "each pause is twice the last: 0.75 s, 1.55 s"


async def test_what_telegram_refuses_is_not_repeated(api, customer, outbound):
    api.fail("sendMessage", Failure(400, "Bad Request: can't parse entities"))
    with pytest.raises(Refused, match="parse entities"):
        await outbound.send("4201", Say("x"))
    assert len(api.made("sendMessage")) == 1


async def test_a_delivery_broken_off_goes_on_where_it_was(api, customer, outbound):
    two = Show((picture("a", 1), picture("b", 2)), "Two", ((NOIR,),))
    api.fail("sendMessage", Failure(400, "Bad Request: out of sorts"))
    with pytest.raises(Refused):
        await outbound.send("4201", two, key="message:0")
    await outbound.send("4201", two, key="message:0")
    await outbound.send("4201", two, key="message:0")
    assert customer.texts() == ["", "", "Two"]


async def test_a_message_done_again_shows_none_of_its_replies_twice(api, customer, outbound):
    for _ in range(2):
        for number, text in enumerate(("one", "two", "three")):
            await outbound.send("4201", Say(text), key=f"message:{number}")
    assert customer.texts() == ["one", "two", "three"]
    await outbound.send("4201", Say("one"), key="other:0")
    assert customer.texts() == ["one", "two", "three", "one"]


async def test_an_answer_stands_under_what_it_answers(api, customer, outbound):
    """The count of photos must not be updated out of sight, above the photos."""
    await outbound.send("4201", Say("1 photo", message_key="tally"), below=0)
    (first,) = customer.chat.shown
    await outbound.send("4201", Say("2 photos", message_key="tally"), below=first.id - 1)
    assert (customer.chat.shown, first.text) == ([first], "2 photos")
    theirs = api.new_id()
    await outbound.send("4201", Say("3 photos", message_key="tally"), below=theirs)
    assert customer.texts() == ["3 photos"]
    assert customer.chat.shown[0].id > theirs
    await outbound.send(
        "4201", Say("4 photos", message_key="tally")
    )  # the outbox worker's: in place
    assert customer.chat.shown[0].text == "4 photos"
    assert len(api.made("deleteMessage")) == 1


async def test_two_processes_that_fill_one_slot_at_once_show_it_once(
    client, message_ids, sessions, limiter, signer, customer
):
    outbounds = [TelegramOutbound(client, message_ids, sessions, limiter, signer) for _ in range(2)]
    await asyncio.gather(*(one.send("4201", Say("paid", message_key="paid")) for one in outbounds))
    assert customer.texts() == ["paid"]


async def test_while_another_process_speaks_for_long_one_comes_back_later(
    outbound, sessions, customer
):
    async with sessions.named_lock("send", "telegram", "4201"):
        with pytest.raises(RetryLater):
            await outbound.send("4201", Say("x"))
    assert customer.texts() == []


async def test_forgetting_drops_the_slots(customer, outbound, message_ids: MessageIds):
    await outbound.send("4201", Say("one", message_key="w"), key="e:0")
    await outbound.forget("4201", datetime.now(UTC))
    assert await message_ids.get("telegram", "4201", "w") is None
    await outbound.send("4201", Say("two", message_key="w"))
    assert customer.texts() == ["one", "two"]


async def test_a_wrong_token_is_said_without_saying_it(
    api: BotApi, customer, message_ids, sessions, limiter, signer
):
    wrong = "123456:wrong-but-still-nobodys-business"
    async with open_client(wrong, api.url) as client:
        with pytest.raises(TokenRefused) as refused:
            await TelegramOutbound(client, message_ids, sessions, limiter, signer).send(
                "4201", Say("x")
            )
    assert wrong not in repr(refused.value)
    assert refused.value.__suppress_context__


async def test_an_edit_that_would_change_nothing_is_not_made(api, customer, outbound):
    for _ in range(20):
        await outbound.send("4201", Say("A note", ((NOIR,),), message_key="note"))
    assert customer.texts() == ["A note"]
    assert api.made("editMessageText") == []
    customer.chat.shown.clear()  # by the person, who then presses something
    await outbound.send("4201", Say("A note", ((NOIR,),), message_key="note"), surely=True)
    assert customer.texts() == ["A note"]


async def test_a_last_word_takes_the_place_of_a_progress_and_none_follows_it(customer, outbound):
    working = Say("Working", message_key="w", tone=Tone.PROGRESS, share=0.85)
    done = Say("Done.", message_key="w", closes=True)
    await outbound.send("4201", done)
    assert customer.texts() == [], "nothing stood that it could close"
    await outbound.send("4201", working)
    assert customer.texts() == ["Working\n\n▓▓▓▓▓▓▓▓▒░"]
    await outbound.send("4201", Say("Portraits"))
    await outbound.send("4201", done)
    for late in (working, done):
        await outbound.send("4201", late)
    assert customer.texts() == ["Done.", "Portraits"]
    assert not any(shown.markup for shown in customer.chat.shown)


async def test_a_sheet_of_photos_goes_with_its_last_word(customer, outbound, message_ids):
    sheet = Show((picture("album:1.2"),), "All you?", ((NOIR,),), "album:1", passing=True)
    await outbound.send("4201", sheet)
    assert customer.texts() == ["All you?"]
    assert [one for one in await message_ids.all("telegram", "4201") if "file" in one] == []
    await outbound.send("4201", Say("Gone.", message_key="album:1", closes=True))
    assert customer.texts() == []


async def test_forgetting_somebody_takes_away_what_goes_on_no_more(customer, outbound):
    await outbound.send("4201", Say("Working", message_key="w", tone=Tone.PROGRESS, share=0.5))
    await outbound.send("4201", Say("20 photos", message_key="t", tone=Tone.PROGRESS))
    await outbound.send("4201", Show((picture("album:1.2"),), "?", (), "album:1", passing=True))
    await outbound.send("4201", Say("Receipt"))
    await outbound.forget("4201", datetime.now(UTC))
    assert customer.texts() == ["Receipt"]


async def test_what_is_said_of_a_photo_replies_to_it(api, customer, outbound):
    customer.send_photo(jpeg())
    (message,) = customer.chat.said
    await outbound.send("4201", Say("Blurred", message_key="photo:1", about=str(message)))
    replies = api.made("sendMessage")[0].values["reply_parameters"]
    assert (replies["message_id"], replies["allow_sending_without_reply"]) == (message, True)
