"""The token, and what people wrote, are in no log: everything at DEBUG, everything looked at."""

import asyncio
import io
import logging
import traceback

import pytest
import structlog

from bot.outbound import Unreachable
from bot.telegram.log_redaction import redact
from handlers.chat import Say
from shop import logs
from tests.bot.telegram.conftest import TOKEN
from tests.botapi import Failure


@pytest.fixture
def written():
    """All that any logger of the process writes, from DEBUG up."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(before)


async def test_calls_polls_failures_and_downloads_leave_neither(
    api, client, customer, outbound, written
):
    customer.say("a very private word")
    customer.send_photo(b"photo")
    api.fail("sendMessage", Failure(502, "Bad Gateway"))
    for fetched in await client.fetch(0, 0):
        if fetched.update.message.photo:
            file = await client.get_file(fetched.update.message.photo[0].file_id)
            await file.download_as_bytearray()
    await outbound.send("4201", Say("a very private answer"))
    customer.chat.blocked = True
    with pytest.raises(Unreachable):
        await outbound.send("4201", Say("gone"))
    logging.getLogger("asyncio").debug("the log is on")
    assert "the log is on" in written()
    assert TOKEN not in written()
    assert "very private" not in written()


async def test_an_exception_that_holds_the_token_is_masked_wherever_it_is_logged(written):
    redact(TOKEN)
    redact(TOKEN)

    async def lost() -> None:
        raise RuntimeError(f"POST https://api.telegram.org/bot{TOKEN}/getMe")

    task = asyncio.create_task(lost())
    await asyncio.wait([task])
    try:
        task.result()
    except RuntimeError:
        logging.getLogger("somebody").exception("it failed with %s", TOKEN)
    assert "POST https://api.telegram.org/bot<token>/getMe" in written()
    assert "it failed with <token>" in written()
    assert TOKEN not in written()


async def test_structlogs_own_tracebacks_are_masked_too(capsys):
    root = logging.getLogger()
    before = root.handlers, root.level
    logs.configure("json")
    redact(TOKEN)
    try:
        raise RuntimeError(f"bot{TOKEN}/getMe")
    except RuntimeError:
        structlog.get_logger().exception("broken")
    finally:
        root.handlers, level = before
        root.setLevel(level)
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "bot<token>/getMe" in said
    assert TOKEN not in said


def test_without_the_mask_the_token_would_be_there(written):
    """That these tests look at the right place."""
    masking = logging.getLogRecordFactory()  # perhaps another test's
    logging.setLogRecordFactory(logging.LogRecord)
    try:
        raise RuntimeError(f"bot{TOKEN}/getMe")
    except RuntimeError:
        logging.getLogger("somebody").exception("it failed")
        assert TOKEN in traceback.format_exc()
    finally:
        logging.setLogRecordFactory(masking)
    assert TOKEN in written()
