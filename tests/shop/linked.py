"""Linking two people's chats, as the dialogue does it, for tests of the rules."""

from shop import linking
from shop.people import link_codes, past_accounts, users
from shop.records import ChannelName, LinkCode, User
from tests.channels import PLAYGROUND, TELEGRAM
from tests.shop.conftest import MASTER, Shop

HASHED = link_codes.code_hash(MASTER)


async def arrives(shop: Shop, platform: ChannelName, platform_id: str, hint: str = "en") -> User:
    """Somebody writes there."""
    return await past_accounts.arrive(
        shop.tx, shop.addresses, platform, platform_id, hint, shop.now
    )


async def web(shop: Shop, platform_id: str = "42") -> User:
    return await arrives(shop, PLAYGROUND, platform_id)


async def chat(shop: Shop, platform_id: str = "7") -> User:
    return await arrives(shop, TELEGRAM, platform_id)


async def claimed(shop: Shop, owner: User, typist: User) -> LinkCode:
    """The typist has typed the code that the owner's chat shows."""
    code = await link_codes.issue(shop.tx, HASHED, owner, shop.now)
    found = await link_codes.claim(shop.tx, HASHED, typist, code, shop.now)
    assert isinstance(found, LinkCode)
    return found


async def link(shop: Shop, owner: User, typist: User) -> User:
    """Both are one person, who is returned, in the typist's chat."""
    code = await claimed(shop, owner, typist)
    await linking.link(shop.tx, shop.addresses, code, typist, shop.now)
    return await users.lock(shop.tx, owner.id)
