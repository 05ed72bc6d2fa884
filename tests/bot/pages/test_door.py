"""Whom an album opens for: its owner, proven by their platform, and nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, CookieJar

from bot.pages.album import ALBUM
from bot.pages.door import HEADER
from bot.pages.links import LINK_DAYS, LOGIN_LASTS, SESSION_LASTS
from bot.playground import PLAYGROUND
from bot.playground.page_login import LASTS, PlaygroundIdentity
from bot.playground.signed_cookie import SignedCookie
from bot.wechat import WECHAT
from handlers import limits
from handlers.texts import texts
from shop import privacy
from shop.records import Avatar, AvatarState
from tests.bot.pages.albums import (
    enter_playground,
    images,
    links,
    open_album,
    plain,
    press,
    somebody,
    with_avatar,
    with_set,
)
from tests.bot.pages.wechat_visitors import asked, came_back, enter
from tests.bot.test_connection import is_hardened
from tests.keys import MASTER_KEY

EN = texts("en")


@pytest.fixture
async def ada(container):
    return await somebody(container, "oAda", WECHAT)


@pytest.fixture
def url(container, ada):
    return links(container).address(ada)


@pytest.fixture
async def portrait(container, ada):
    avatar = await with_avatar(container, ada, 40)
    return (await with_set(container, avatar, [plain()]))[0]


@pytest.fixture
async def other():
    """Another browser."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def status_of(http: ClientSession, url: str, **kwargs) -> int:
    async with http.get(url, allow_redirects=False, **kwargs) as answer:
        return answer.status


async def test_its_owner_comes_in_by_wechat_and_sees_it(http, base, url, oauth, portrait):
    await enter(http, url, oauth, "oAda")
    status, page = await open_album(http, url)
    assert status == 200
    assert images(page) == [f"{urlsplit(url).path}/picture/{portrait.id}"]
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 200


async def test_before_that_nothing_is_shown(http, base, url, portrait):
    for place in ("sets", f"picture/{portrait.id}", f"picture/{portrait.id}?download=1"):
        assert await status_of(http, f"{url}/{place}") == 401
    assert (await press(http, url, "mydata"))[0] == 401


async def test_another_person_is_told_that_it_is_not_theirs(http, base, url, oauth, portrait):
    back, state = await asked(http, url)
    status, _, page = await came_back(http, back, code=oauth.code("oBert"), state=state)
    assert status == 403
    assert EN("album-not-yours-title") in page
    assert portrait.id not in page
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 401
    assert await status_of(http, url) == 302


async def test_a_code_is_good_once(http, base, url, oauth):
    code = oauth.code("oAda")
    back, state = await asked(http, url)
    assert (await came_back(http, back, code=code, state=state))[0] == 303
    http.cookie_jar.clear()
    back, state = await asked(http, url)
    status, _, page = await came_back(http, back, code=code, state=state)
    assert status == 403
    assert EN("album-unproven-title") in page
    assert oauth.asked == [code]  # WeChat is not even asked again


async def test_a_code_of_nobodys_proves_nothing(http, base, url):
    back, state = await asked(http, url)
    for code in ("", "nonsense", "x" * 513, "%ff"):
        assert (await came_back(http, back, code=code, state=state))[0] == 403


async def test_a_login_begun_elsewhere_ends_nowhere(http, other, base, url, oauth):
    """Neither a state of another browser, nor of another link, nor none: nobody is logged in by a
    link that they were sent."""
    back, state = await asked(other, url)
    for forged in (state, "", "0" * 64, state[:-1]):
        status, _, _ = await came_back(http, back, code=oauth.code("oAda"), state=forged)
        assert status == 403
    assert oauth.asked == []
    assert not [one for one in http.cookie_jar if one.key == ALBUM.session_cookie]


async def test_a_state_of_another_link_is_none(http, base, container, url, oauth):
    bert = await somebody(container, "oBert", WECHAT)
    _, state = await asked(http, links(container).address(bert))
    status, _, _ = await came_back(http, f"{url}/in", code=oauth.code("oAda"), state=state)
    assert status == 403


async def test_one_session_opens_one_persons_album(http, base, container, url, oauth, portrait):
    bert = await somebody(container, "oBert", WECHAT)
    theirs = links(container).address(bert)
    await enter(http, theirs, oauth, "oBert")
    assert await status_of(http, url) == 302
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 401
    assert await status_of(http, f"{theirs}/picture/{portrait.id}") == 404  # not Bert's


async def test_a_session_that_we_did_not_sign_is_none(http, base, url, portrait):
    for changed in ("", "x", "0" * 90, "ä", "a.b.c"):
        headers = {"Cookie": f"{ALBUM.session_cookie}={changed}"}
        assert await status_of(http, f"{url}/picture/{portrait.id}", headers=headers) == 401


async def test_a_link_is_over_after_its_week(http, base, container, url, oauth, portrait):
    await enter(http, url, oauth, "oAda")
    container.clock.ahead = timedelta(days=LINK_DAYS + 1)
    status, page = await open_album(http, url)
    assert (status, EN("album-over-title") in page) == (410, True)
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 410


async def test_a_session_is_over_before_that(http, base, container, url, oauth, portrait):
    await enter(http, url, oauth, "oAda")
    container.clock.ahead = SESSION_LASTS
    assert await status_of(http, url) == 302
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 401


async def test_a_forged_link_is_none(http, base):
    for token in ("x", "0" * 32 + ".wechat.7f." + "A" * 22, "%00", "%ff"):
        for place in ("", "/sets", "/in", "/picture/x"):
            assert await status_of(http, f"{base}/album/{token}{place}") == 404


async def test_who_forges_many_links_is_not_answered_for_a_while(http, base):
    for _ in range(limits.FORGERIES.most):
        assert await status_of(http, f"{base}/album/forged") == 404
    assert await status_of(http, f"{base}/album/forged") == 429


async def test_of_somebody_erased_nothing_is_left_at_once(
    http, base, container, url, oauth, ada, portrait
):
    await enter(http, url, oauth, "oAda")
    async with container.database.begin() as tx:
        await privacy.erase(tx, ada, container.clock())
    for place in ("", "/sets", f"/picture/{portrait.id}"):
        assert await status_of(http, url + place) == 410
    assert (await press(http, url, "mydata"))[0] == 410
    _, page = await open_album(http, url)
    assert EN("album-gone-title") in page


async def test_a_session_of_a_chat_that_is_not_theirs_any_more_is_none(
    http, base, container, url, oauth, ada, portrait
):
    """As after unlinking: the chat's account is another one now."""
    await enter(http, url, oauth, "oAda")
    async with container.database.begin() as tx:
        await tx.put(replace(ada, platform_id="oAda2"))
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 401
    assert await status_of(http, url) == 302
    await somebody(container, "oAda", WECHAT)
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 401


async def test_a_link_of_one_channel_is_proven_there(http, base, container, url, oauth, ada):
    """Whatever chat they spoke in last: a link given in WeChat opens by WeChat's word."""
    here = links(container).address(replace(ada, platform=PLAYGROUND))
    async with http.get(here, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("/playground/identify")
    async with http.get(url, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("https://open.weixin.qq.com/")


async def test_a_portrait_erased_with_its_avatar_is_not_there(
    http, base, container, url, oauth, ada, portrait
):
    await enter(http, url, oauth, "oAda")
    async with container.database.begin() as tx:
        (avatar,) = await tx.find(Avatar, user_id=ada.id)
        await tx.put(replace(avatar, key_id=None, state=AvatarState.ERASED))
    assert await status_of(http, f"{url}/picture/{portrait.id}") == 404


async def test_what_another_site_posts_is_refused(http, base, url, oauth):
    await enter(http, url, oauth, "oAda")
    body = {"event": "0123456789abcdef", "action": "erase"}
    elsewhere = ({HEADER: "1", "Sec-Fetch-Site": one} for one in ("cross-site", "same-site"))
    for headers in ({}, *elsewhere):
        for place in ("act", "in"):
            async with http.post(f"{url}/{place}", json=body, headers=headers) as answer:
                assert answer.status == 403


async def test_no_answer_is_kept_indexed_or_passed_on(http, base, url, oauth, portrait):
    answers = [await http.get(url, allow_redirects=False)]
    await enter(http, url, oauth, "oAda")
    places = ("", "/sets", f"/picture/{portrait.id}", "/in")
    answers += [await http.get(url + place, allow_redirects=False) for place in places]
    answers.append(await http.get(f"{base}/album/forged"))
    for answer in answers:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        assert is_hardened(headers)
        assert headers["cache-control"] == "private, no-store"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "script-src 'self';" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        answer.release()


async def test_no_script_and_no_style_stands_in_the_page(http, base, url, oauth, portrait):
    await enter(http, url, oauth, "oAda")
    _, page = await open_album(http, url)
    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count('<script type="module" src="/album/static/') == 1
    assert "http://" not in page
    assert "https://" not in page


async def test_its_cookies_are_the_servers_alone(http, base, url, oauth):
    back, state = await asked(http, url)
    (login,) = [one for one in http.cookie_jar if one.key == ALBUM.login_cookie]
    assert (login["path"], login["httponly"], login["samesite"]) == ("/album", True, "Lax")
    assert int(login["max-age"]) == LOGIN_LASTS.total_seconds()
    await came_back(http, back, code=oauth.code("oAda"), state=state)
    cookies = {one.key: one for one in http.cookie_jar}
    assert ALBUM.login_cookie not in cookies
    session = cookies[ALBUM.session_cookie]
    assert (session["path"], session["httponly"], session["samesite"]) == ("/album", True, "Lax")
    assert int(session["max-age"]) == SESSION_LASTS.total_seconds()


async def test_at_the_playground_its_cookie_says_who_looks(http, other, base, container):
    anna = await somebody(container, "anna")
    url = links(container).address(anna)
    await enter_playground(http, base, container, "anna")
    assert (await open_album(http, url))[0] == 200
    await enter_playground(other, base, container, "bert")
    status, page = await open_album(other, url)
    assert (status, EN("album-not-yours-title") in page) == (403, True)


async def test_a_stranger_to_the_playground_is_nobody(http, base, container):
    anna = await somebody(container, "anna")
    status, page = await open_album(http, links(container).address(anna))
    assert (status, EN("album-unproven-title") in page) == (403, True)


async def test_the_playground_sends_its_codes_to_albums_alone(http, base, container):
    await enter_playground(http, base, container, "anna")
    for back in (
        "https://evil.example/album/x/in", "//evil.example/album/x/in", "/album/x/in/../../..",
        "/playground", "", "/album//in", "/album/x/in?to=//evil.example", "/album/\\evil/in",
    ):  # fmt: skip
        query = {"back": back, "state": "00ff"}
        assert await status_of(http, f"{base}/playground/identify", params=query) == 400


async def test_a_code_of_the_playgrounds_lives_for_a_minute_and_is_no_cookie():
    cookies, now = SignedCookie(MASTER_KEY), datetime(2026, 11, 27, tzinfo=UTC)
    code = cookies.page_code("anna", now + LASTS)
    for at, who in ((now, "anna"), (now + LASTS, None)):
        login = PlaygroundIdentity(cookies, lambda at=at: at).page_login()
        assert await login.redeem(code) == who
    login = PlaygroundIdentity(cookies, lambda: now).page_login()
    assert await login.redeem(cookies.ticket("anna", now + LASTS)) is None
    assert await login.redeem(cookies.cookie("anna")) is None
    assert cookies.of_cookie(code) is None
    assert cookies.of_ticket(code) is None
