"""Prints the whole dialogue in a language, to be read aloud: ``python -m tests.handlers.read_aloud
zh_CN``. Every state, every answer to odd input, every notice.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from handlers import menus, sharing
from handlers.admin import COMMANDS
from handlers.chat import Incoming, Person, Pressed, Said, SentOther
from handlers.intents import Intent, action
from handlers.sharing import Shareable
from shop.people.users import LANGUAGES
from shop.photos.quality import PhotoFindings
from shop.records import Flaw, Portrait
from tests.channels import PLAYGROUND
from tests.handlers.dialogue_harness import EVENTS, DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.photo_findings import flawed, good

ODD = ("sticker", "voice", "video", "file", "place", "poll")
SCRIPT = """
room:/start type:/pause type:hello act:terms type:/resume act:invite link:own link:friend
type:hello odd act:help act:privacy act:terms photo decline:terms act:terms agree:terms photo
decline:training act:where agree:training photo subject:woman odd act:tips unreadable photos:3
happens:check done photos:12 happens:check done done:go act:language cancel cancel:no photo
firsts firsts:2 first:noir first:hanfu link:t-pastel act:paysupport pay link:other act:where odd
happens:work photo cancel happens:sample act:where happens:train happens:paint odd photo
share link:t-noir link:t-hanfu link:p
room:/help room:/portrait room:/portrait_9 inline: inline:invite inline:stranger
styles styles:2 styles:3 s:noir s:hanfu s:s happens:paintwork happens:paint more more happens:paint
fairer happens:paint again happens:failpaint orig avatar new orders credits buy:60 cancel mydata
revoke revoke:no erase erase:no erase erase:yes- act:mydata
"""


def mixed(number: int) -> PhotoFindings:
    """Some of everything that can be wrong."""
    kinds = (Flaw.NO_FACE, Flaw.SEVERAL_FACES, Flaw.BLURRED, Flaw.MINOR, Flaw.COVERED)
    return flawed(number, kinds[number % 5]) if number < 4 else good(number)


async def read(language: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        harness = DialogueHarness(Path(folder))
        harness.verdict = mixed
        guest = harness.guest("boss", language.replace("_", "-"))
        for word in SCRIPT.split():
            await _word(harness, guest, word)
        for command in COMMANDS:
            await harness.type(guest, f"/{command}")
        await harness.till.close()
        for menu in (menus.group(language), menus.admins(language)):
            guest.lines += ["", *(f"/{command} — {description}" for command, description in menu)]
        guest.lines += ["", menus.description(language), "", menus.short_description(language)]
        sys.stdout.write("\n".join(guest.lines) + "\n")


async def _word(harness: DialogueHarness, guest: Guest, word: str) -> None:
    verb, _, rest = word.partition(":")
    happens = {
        "check": "the photos are checked", "work": "a worker trains",
        "sample": "a sample is painted", "train": "the avatar is made",
        "paint": "the portraits are painted", "paintwork": "a worker paints",
        "failpaint": "the painting fails",
    }  # fmt: skip
    guest.lines.append(f"--- {word}")
    if verb == "happens":
        await EVENTS[happens[rest]](harness)
    elif verb == "type":
        await harness.send(guest, Said(rest))
    elif verb == "odd":
        await harness.send(guest, Said("???"))
        for kind in ODD:
            await harness.send(guest, SentOther(kind))
    elif verb == "photo":
        await harness.photos(guest, 1)
    elif verb == "photos":
        await harness.photos(guest, int(rest))
    elif verb == "unreadable":
        await harness.bad_photo(guest, "unreadable")
    elif verb in ELSEWHERE:
        await ELSEWHERE[verb](harness, guest, rest)
    elif word.endswith("-"):
        await harness.press(guest, word)
    elif word == "pay":
        await harness.send(guest, Pressed(next(b for b in _actions(guest) if b.startswith("pay:"))))
    else:
        intent, argument = (rest, "") if verb == "act" else (verb, rest)
        await harness.send(guest, Pressed(action(Intent(intent), argument)))


async def _link(harness: DialogueHarness, guest: Guest, what: str) -> None:
    await harness.type(guest, f"/start {await _payload(harness, guest, what)}")


async def _group(harness: DialogueHarness, guest: Guest, text: str) -> None:
    person = Person(PLAYGROUND, guest.name, guest.tag)
    said = Incoming(f"room:{text}", person, harness.now, Said(text.replace("_", " ")), "-100")
    for reply in await harness.dispatcher.handle(said):
        guest.hear(reply)


async def _inline(harness: DialogueHarness, guest: Guest, query: str) -> None:
    name = "zoe" if query == "stranger" else guest.name
    person = Person(PLAYGROUND, name, guest.tag)
    _offered(guest, await harness.dispatcher.shareable(person, query))


ELSEWHERE = {"link": _link, "room": _group, "inline": _inline}


async def _payload(harness: DialogueHarness, guest: Guest, what: str) -> str:
    """Of a link from a friend, of one's own, or of the newest portrait."""
    async with harness.database.begin() as tx:
        if what == "p":
            return f"p-{(await tx.find(Portrait, order='-created_at'))[0].id}"
        if what in ("own", "friend", "other"):
            name = guest.name if what == "own" else what
            return sharing.invite_payload(await harness.user_in(tx, harness.guest(name, guest.tag)))
    return what


def _offered(guest: Guest, offer: Shareable) -> None:
    lines = [f"({one.title}) {one.caption}" for one in offer.portraits]
    if (card := offer.invitation) is not None:
        lines += [f"({card.title}: {card.about})", card.text, f"[{card.button}]"]
    guest.lines += [f"    {line}" for line in (*lines, f"[{offer.show_first}]", f"[{offer.open}]")]


def _actions(guest: Guest) -> list[str]:
    rows = [row for reply in reversed(guest.all_heard) for row in reply.buttons]
    return [button.action for row in rows for button in row]


if __name__ == "__main__":
    for language in sys.argv[1:] or LANGUAGES:
        asyncio.run(read(language))
