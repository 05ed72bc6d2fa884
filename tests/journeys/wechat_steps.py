"""What a journey through WeChat needs: the double's account in the settings, and a customer who
reads numbered choices and types them."""

import asyncio
import re

import aiohttp

from handlers.texts import Wording, texts
from tests.doubles import photo
from tests.wechatapi import Callback, Person, Wechat, until
from tests.wechatpay.gateway import PayDouble
from tests.wechatpay.records import Trade

SAY = texts("zh_CN", Wording(typed=True, pictures=True))
PATIENCE = 60.0

TO_PHOTOS = (
    "welcome-button-begin",
    "terms-button-yes",
    "training-button-yes",
    "subject-button-woman",
)


def account_of(wechat: Wechat) -> dict[str, str]:
    """The variables of a house whose WeChat is the double."""
    its = wechat.account
    return {
        "EIDER_WECHAT_APP_ID": its.app_id,
        "EIDER_WECHAT_SECRET": its.secret,
        "EIDER_WECHAT_TOKEN": its.token,
        "EIDER_WECHAT_AES_KEY": "" if its.mode == "plain" else its.aes_key,
        "EIDER_WECHAT_API_URL": wechat.url,
    }


def words_of(key: str, **blanks: str | int) -> str:
    """A label, or the first line of a message, as the dialogue writes it."""
    return SAY(key, **blanks).partition("\n")[0]


def number_in(person: Person, label: str) -> str:
    """The number before that label in the last message that offers choices; "" if it has none."""
    offers = (text for text in reversed(person.texts()) if re.search(r"^1 ", text, re.MULTILINE))
    found = re.search(rf"^(\d+) {re.escape(label)}", next(offers, ""), re.MULTILINE)
    return found[1] if found else ""


async def choose(person: Person, label: str, seconds: float = PATIENCE) -> Callback:
    """Waits until that choice is offered, and types its number; its words if something else is
    offered since."""
    line = re.compile(rf"^\d+ {re.escape(label)}", re.MULTILINE)
    await until(lambda: any(map(line.search, person.texts())), label, person.read, seconds)
    return await says(person, number_in(person, label) or label)


async def says(person: Person, text: str) -> Callback:
    """Types that; not within the second in which the last message came, as nobody does: WeChat
    dates what people do by whole seconds."""
    last = max((int(each.at) for each in person.seen()), default=0)
    await until(lambda: int(person.wechat.clock()) > last)
    return await person.say(text)


async def agree(person: Person) -> None:
    """From the first word to the question for photos."""
    await person.follow()
    for key in TO_PHOTOS:
        await choose(person, SAY(key))
    await person.sees(words_of("photos-ask", asked=20, minimum=10)[:12])


async def send_photos(person: Person, count: int = 20) -> None:
    """All at once, as one chooses them in an album; until they are told of, all looked at."""
    for sent in person.send_photos([photo(number) for number in range(count)]):
        await sent
    await person.sees(words_of("tally-head", sent=count, accepted=count), seconds=PATIENCE)


async def pay(person: Person) -> None:
    """Asks for the bill, opens its page in WeChat's browser, and pays there."""
    await choose(person, SAY("photos-button-done"))
    await until(lambda: links(person, "/till/"), "a bill", person.read, PATIENCE)
    async with person.browser() as browser:
        address = links(person, "/till/")[-1]
        assert (await browser.get(address)).status == 200
        while True:
            try:
                assert (await browser.post(f"{address}/pay")).status == 200
                return
            except aiohttp.ClientError:  # the shop was killed: one tries again
                await asyncio.sleep(0.2)


def pay_by_wechat(person: Person, gateway: PayDouble) -> Trade:
    """Pays the newest bill with WeChat Pay, of the account's own merchant."""
    trade = gateway.pay_number(list(gateway.trades.trades)[-1], person.openid)
    person.wechat.paid(person.openid)
    return trade


def links(person: Person, part: str = "") -> list[str]:
    """The addresses that the messages hold."""
    found = re.findall(r"https?://[\w.:/?&=%~+#@-]+", "\n".join(person.texts()))
    return [each for each in found if part in each]


def kept_to_the_rules(wechat: Wechat) -> None:
    """The double never had to refuse a message, and nobody saw a banner."""
    assert wechat.problems == []
    assert wechat.quota.refusals == 0
    for person in wechat.people.values():
        assert person.seen("banner") == [], person.read()
