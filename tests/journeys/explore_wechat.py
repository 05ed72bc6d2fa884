import asyncio, pytest
from tests.journeys import wechat_steps
from tests.journeys.wechat_steps import *
from tests.journeys.test_wechat import house, wechat
from tests.wechatapi import *
from shop.records import OutboxMessage, Photo
async def test_x(wechat, house):
    ada = Person(wechat)
    await agree(ada)
    for sent in ada.send_photos([photo(number) for number in range(20)]):
        await sent
    for n in range(30):
        await asyncio.sleep(2)
        if any("收到 20" in t for t in ada.texts()):
            print("THERE", n); return
        async with house.container.database.begin() as tx:
            now = await tx.now()
            found = await tx.find(OutboxMessage)
            print("AT", n, [(m.name, str(m.state), m.attempts, m.payload.get("kind"), round((m.due_at-now).total_seconds(),1) if hasattr(m,"due_at") else m) for m in found if str(m.state)!="done"])
        for key in await house.container.redis.keys("eider:wechat:*"):
            print("   ", key[:60], await house.container.redis.pttl(key))
    assert 0
