"""Notifications: the official vector, every field tampered with, and everybody else's."""

import asyncio
import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.wechat.pay import platform_keys
from bot.wechat.pay.gateway import Merchant
from bot.wechat.pay.notification import NotificationReader
from bot.wechat.pay.platform_keys import PlatformKeys, key_from_certificate
from bot.wechat.pay.signature import ALGORITHM
from shop.errors import Forged, Stale, TillError
from shop.records import PaymentEvent, RefundEvent, RefundState
from tests.wechatpay.keys import certificate_of, new_key, pem_of, public_pem, serial_of, sign
from tests.wechatpay.stand import PAYER, open_stand

# A notification that WeChat Pay signed and sealed itself, as the tests of its Go SDK have it
# (wechatpay-apiv3/wechatpay-go, core/notify/notify_test.go): certificate, APIv3 key and time too.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIDVzCCAj+gAwIBAgIJANfOWdH1ItcBMA0GCSqGSIb3DQEBCwUAMEIxCzAJBgNV
BAYTAlhYMRUwEwYDVQQHDAxEZWZhdWx0IENpdHkxHDAaBgNVBAoME0RlZmF1bHQg
Q29tcGFueSBMdGQwHhcNMjEwNDI3MDg1NTIzWhcNMzEwNDI1MDg1NTIzWjBCMQsw
CQYDVQQGEwJYWDEVMBMGA1UEBwwMRGVmYXVsdCBDaXR5MRwwGgYDVQQKDBNEZWZh
dWx0IENvbXBhbnkgTHRkMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA
2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXag
HQ4vGeZN0yqm++rDsGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOm
DeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B83
4uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGf
y8wus7hwKz6clt3Whmmda7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtk
aSef4FdEEgEXJiw0VAJT8wIDAQABo1AwTjAdBgNVHQ4EFgQUT1c7nd/SUO76HSoZ
umNUJv1R5PwwHwYDVR0jBBgwFoAUT1c7nd/SUO76HSoZumNUJv1R5PwwDAYDVR0T
BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAfTjxKRQMzNB/U6ZoCUS+BSNfa2Oh
0plMN6ZuzwiVVZwg1jywvv5yv04koS7Pd4i9E4gt9ZBUQXlpq+A3oOCEEHNRR6b2
kyazGRM7s0OP5X21WrbpSmKmU6K7hkfx30yYs08LVs/Q8DIhvaj1FCFeJzUCzYn/
fHMq4tsbKO0dKAeydPM/nrUZBmaYQVKMVOORGLFjFKVO7JV6Kq/R86ouhjEPgJOe
2xulNBUcjicqtZlBdEh/PWCYP2SpGVDclKm8jeo175T3EVAkdKzzmfpxtMmnMlmq
cTJOU9TxuGvNASMtjj7pYIerTx+xgZDXEVBWFW9PjJ0TV06tCRsgSHItgg==
-----END CERTIFICATE-----"""
VECTOR_KEY = b"testMchAPIv3Key0"
VECTOR_AT = datetime.fromtimestamp(1624523846, UTC)
VECTOR_HEADERS = {
    "Content-Type": "application/json",
    "Wechatpay-Nonce": "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz",
    "Wechatpay-Timestamp": "1624523846",
    "Wechatpay-Serial": "D7CE59D1F522D701",
    "Wechatpay-Signature": (
        "tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXF"
        "lbYZTOQrVdG4b6LfTnK4mikv9++ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR"
        "//rxELLwXvV1VEA1IBLX70xptjL8hrfUjEE8kkry6yNJTHZRU8CAc7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrap"
        "I/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrFmtxw2Q=="
    ),
}
VECTOR_BODY = (
    '{"id":"3119dfba-e649-5eec-ab1e-3412bc4d2e17","create_time":"2021-06-24T16:37:26+08:00",'
    '"resource_type":"encrypt-resource","event_type":"PAYSCORE.USER_OPEN_SERVICE",'
    '"summary":"签约成功","resource":{"original_type":"payscore",'
    '"algorithm":"AEAD_AES_256_GCM","ciphertext":"YDS3lKPaC4Y52Gf3uhft5qUBlIa8b428AWTtTauHQfQrRw'
    "+X1WpiuHIDy0vo1Vd6VEq67aVyqPdDYMkRVSDaZL3iZttevRMOoPKMifozg6XPWjIZumks/GpT48lI4NizyeaqLBokN"
    "ebthah3o1H76qSlO9NkDjp9bzmKLEYYH9TEklFUpsvPqOTOcgSLgh21YJXYR7dEBXFgRLiNIKRgO5JdXh1hccRUAlyV"
    'WxE54PXpnQ==","associated_data":"payscore","nonce":"Kj7QIyUiYx1q"}}'
).encode()


async def nothing_to_fetch():
    raise TillError


def vector_reader(now=VECTOR_AT, key=VECTOR_KEY):
    keys = PlatformKeys([key_from_certificate(CERTIFICATE.encode())], nothing_to_fetch, lambda: now)
    return NotificationReader("wechat", Merchant("wx", "1", key, ""), keys, lambda: now)


async def test_what_wechat_pay_itself_has_signed_is_believed():
    """An event of a product that we do not use: right, and without effect."""
    assert await vector_reader().read(VECTOR_HEADERS, VECTOR_BODY) is None
    with pytest.raises(Forged):
        await vector_reader(key=b"testMchAPIv3Key1").read(VECTOR_HEADERS, VECTOR_BODY)
    with pytest.raises(Forged):
        await vector_reader().read(VECTOR_HEADERS, VECTOR_BODY.replace(b":{", b": {"))
    for seconds in (-301, 301):
        later = VECTOR_AT + timedelta(seconds=seconds)
        with pytest.raises(Stale):
            await vector_reader(later).read(VECTOR_HEADERS, VECTOR_BODY)


async def paid_by_scan(stand, owed):
    bill = await stand.till.bill(owed, "A")
    return await stand.pay(bill.reference)


def told(stand, event_type="TRANSACTION.SUCCESS", original="transaction", **changes):
    """A notification of WeChat Pay's, with ``changes`` in what it sealed; None leaves out."""
    trade = next(iter(stand.double.trades.trades.values()))
    record = trade.record() | changes
    record = {name: value for name, value in record.items() if value is not None}
    stand.double.notices.add("http://x", event_type, original, record)
    return stand.last_notice()


class TestWhoseItIs:
    @pytest.fixture
    async def bought(self, stand, owed):
        await paid_by_scan(stand, owed)

    async def test_all_of_it_right(self, stand, owed, bought):
        event = await stand.till.read(*told(stand))
        assert (event.amount, event.payer, event.order_id) == (990, PAYER, owed.id)
        assert event.event_id == json.loads(stand.double.notices.all[-1].body)["id"]
        assert PAYER not in repr(event)

    @pytest.mark.parametrize(
        "changes",
        [
            {"mchid": "1900000110"},
            {"mchid": None},
            {"appid": "wxffffffffffffffff"},
            {"appid": None},
            {"trade_state": "NOTPAY"},
            {"trade_state": None},
            {"transaction_id": ""},
            {"transaction_id": None},
            {"out_trade_no": None},
            {"success_time": None},
            {"success_time": "yesterday"},
            {"success_time": "2026-03-14T17:26:53"},
            {"amount": None},
            {"amount": {"total": 990, "currency": "USD"}},
            {"amount": {"total": "990", "currency": "CNY"}},
            {"amount": {"total": 9.9, "currency": "CNY"}},
            {"amount": {"total": -990, "currency": "CNY"}},
            {"amount": {"total": True, "currency": "CNY"}},
            {"amount": {"total": 10**13, "currency": "CNY"}},
            {"amount": {"currency": "CNY"}},
        ],
        ids=str,
    )
    async def test_anything_of_it_wrong(self, stand, bought, changes):
        with pytest.raises(Forged):
            await stand.till.read(*told(stand, **changes))

    async def test_another_amount_is_told_as_it_is(self, stand, bought):
        """The shop compares: what does not pay the order goes back whole."""
        event = await stand.till.read(*told(stand, amount={"total": 1, "currency": "CNY"}))
        assert event.amount == 1

    async def test_what_the_merchant_sells_elsewhere_names_no_order_of_ours(self, stand, bought):
        for number in ("A-ticket-4711", "z" * 25 + "n1", "0" * 25 + "x1"):
            assert (await stand.till.read(*told(stand, out_trade_no=number))).order_id == number

    async def test_a_page_is_paid_by_whom_it_was_made_for(self, stand, owed):
        given = await stand.wechat.page_parameters(owed, "A", PAYER)
        stand.double.pay(given["package"].removeprefix("prepay_id="), PAYER)
        event = await stand.till.read(*stand.last_notice())
        assert (event.order_id, event.payer) == (owed.id, PAYER)
        for payer in ({"openid": "o-somebody-else"}, {}, None):
            with pytest.raises(Forged):
                await stand.till.read(*told(stand, payer=payer))
        with pytest.raises(Forged):
            await stand.till.read(*told(stand, attach="o-somebody-else"))

    async def test_events_that_are_none_of_ours_have_no_effect(self, stand, bought):
        for event in ("PAYSCORE.USER_PAID", "COMPLAINT.CREATE", "TRANSACTION.PAYSCORE", "x"):
            assert await stand.till.read(*told(stand, event)) is None


async def test_every_field_of_the_envelope_is_signed(stand, owed):
    headers, body = await paid_by_scan(stand, owed)
    envelope = json.loads(body)
    for name in envelope:
        for changed in (envelope | {name: "x"}, {k: v for k, v in envelope.items() if k != name}):
            with pytest.raises(Forged):
                await stand.till.read(headers, json.dumps(changed, ensure_ascii=False).encode())
    with pytest.raises(Forged):  # nothing else than the same bytes
        await stand.till.read(headers, json.dumps(envelope).encode())


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"id":"1"}', b'{"resource":{}}', b"[" * 50_000],
    ids=range(8),
)
async def test_signed_nonsense_is_refused(stand, body):
    with pytest.raises(Forged):
        await stand.till.read(stand.double.notices.headers(body), body)


async def test_what_was_not_sealed_for_this_merchant_is_refused(stand, owed):
    await paid_by_scan(stand, owed)
    double = stand.double
    double.notices.keys = replace(double.keys, api_v3_key="another-api-v3-key-of-32-letters")
    headers, body = told(stand)
    with pytest.raises(Forged):
        await stand.till.read(headers, body)
    for resource in (
        {"nonce": ""},
        {"ciphertext": "AA"},
        {"ciphertext": "!"},
        {"algorithm": "AES"},
    ):
        envelope = json.loads(double.notices.all[0].body)
        envelope["resource"] |= resource
        data = json.dumps(envelope).encode()
        with pytest.raises(Forged):
            await stand.till.read(double.notices.headers(data), data)


class TestSignatures:
    async def test_a_probe_is_refused(self, stand, owed):
        headers, body = await paid_by_scan(stand, owed)
        probe = {"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + b64encode(b"x" * 256).decode()}
        with pytest.raises(Forged):
            await stand.till.read(headers | probe, body)
        assert await stand.till.read(headers, body)

    async def test_the_merchants_own_key_signs_nothing(self, stand, owed):
        headers, body = await paid_by_scan(stand, owed)
        for key in (stand.double.keys.merchant, new_key()):
            own = sign(key, headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body)
            with pytest.raises(Forged):
                await stand.till.read(headers | {"Wechatpay-Signature": own}, body)

    async def test_its_kind_may_be_named_and_is_the_one_that_we_verify(self, stand, owed):
        headers, body = await paid_by_scan(stand, owed)
        named = {"Wechatpay-Signature-Type": ALGORITHM}
        assert await stand.till.read(headers | named, body)
        other = {"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}
        with pytest.raises(Forged):
            await stand.till.read(headers | other, body)

    async def test_clocks_that_differ_are_told_from_forgeries(self, stand, owed, clock):
        told_now = await paid_by_scan(stand, owed)
        clock.forward(seconds=301)
        with pytest.raises(Stale) as stale:
            await stand.till.read(*told_now)
        assert stale.value.details["seconds"] == 301


class TestWhoseKey:
    """While a merchant changes from certificates to the public key, either signs."""

    @pytest.mark.parametrize("by", ["public key", "certificate", ""])
    async def test_either_serial_is_verified(self, clock, owed, by):
        async with open_stand(clock, by=by) as stand:
            stand.double.notices.by_certificate = by != "public key"
            told_now = await paid_by_scan(stand, owed)
            assert isinstance(await stand.till.read(*told_now), PaymentEvent)

    async def test_a_certificate_that_is_not_known_is_fetched_once(self, stand, owed, clock):
        stand.double.notices.by_certificate = True
        told_now = await paid_by_scan(stand, owed)
        for _ in range(3):
            assert await stand.till.read(*told_now)
        assert stand.double.calls.count("GET /v3/certificates") == 1

    async def test_strangers_do_not_make_us_fetch_again_and_again(self, stand, owed, clock):
        headers, body = await paid_by_scan(stand, owed)
        for number in range(20):
            with pytest.raises(Forged):
                await stand.till.read(headers | {"Wechatpay-Serial": f"{number:040X}"}, body)
        for serial in ("PUB_KEY_ID_0", "0", "x" * 5000):
            with pytest.raises(Forged):
                await stand.till.read(headers | {"Wechatpay-Serial": serial}, body)
        assert stand.double.calls.count("GET /v3/certificates") == 1
        clock.forward(seconds=61)
        with pytest.raises(Forged):
            await stand.till.read(headers | {"Wechatpay-Serial": "1F"}, body)
        assert stand.double.calls.count("GET /v3/certificates") == 2

    async def test_with_the_public_key_alone_whatever_names_a_certificate_is_forged(
        self, stand, owed
    ):
        headers, body = await paid_by_scan(stand, owed)
        stand.double.faults.no_certificates = True
        with pytest.raises(Forged):
            await stand.till.read(headers | {"Wechatpay-Serial": "1F" * 20}, body)
        assert await stand.till.read(headers, body)

    async def test_a_stranger_waits_for_no_other(self, clock):
        asked, answer = asyncio.Event(), asyncio.Event()

        async def fetch():
            asked.set()
            await answer.wait()
            return [key_from_certificate(CERTIFICATE.encode())]

        keys = PlatformKeys([], fetch, lambda: VECTOR_AT)
        first = asyncio.create_task(keys.of("1F", of_stranger=True))
        await asked.wait()
        with pytest.raises(TillError):
            await keys.of("2F", of_stranger=True)
        ours = asyncio.create_task(keys.of("D7CE59D1F522D701"))
        answer.set()
        with pytest.raises(Forged):
            await first
        assert await ours, "an answer to a call of ours does wait"

    async def test_what_wechat_pay_said_is_told_also_while_it_is_not_asked_again(self):
        said = "EIDER_WECHATPAY_MERCHANT_ID: WeChat Pay knows no such merchant"

        async def fetch():
            raise TillError(said)

        keys = PlatformKeys([], fetch, lambda: VECTOR_AT)
        for _ in range(2):
            with pytest.raises(TillError) as trouble:
                await keys.of("1F")
            assert trouble.value.why == said

    async def test_without_the_certificate_it_must_come_again(self, clock, owed):
        async with open_stand(clock, by="") as stand:
            stand.double.notices.by_certificate = True
            told_now = await notified_by(stand, owed)
            stand.double.faults.status = 502
            with pytest.raises(TillError) as trouble:
                await stand.till.read(*told_now)
            assert not isinstance(trouble.value, Forged)
            for _ in range(20):
                with pytest.raises(TillError):
                    await stand.till.read(*told_now)
            assert stand.double.calls.count("GET /v3/certificates") == 1, "nobody waits in a row"
            stand.double.faults.status = 0
            clock.forward(seconds=5)
            assert await stand.till.read(*told_now)

    async def test_a_certificate_that_does_not_come_in_time_is_not_waited_for(
        self, clock, owed, monkeypatch
    ):
        """WeChat Pay wants its answer within five seconds."""
        assert platform_keys.FETCH_SECONDS < 5
        monkeypatch.setattr(platform_keys, "FETCH_SECONDS", 0.01)
        async with open_stand(clock, by="") as stand:
            stand.double.notices.by_certificate = True
            told_now = await notified_by(stand, owed)
            stand.double.faults.slow = 60
            with pytest.raises(TillError) as trouble:
                await stand.till.read(*told_now)
            assert not isinstance(trouble.value, Forged)

    async def test_a_certificate_that_has_run_out_signs_nothing(self, clock, owed):
        async with open_stand(clock, by="certificate") as stand:
            clock.forward(days=6 * 365)
            stand.double.notices.by_certificate = True
            with pytest.raises(TillError):
                await notified_by(stand, replace(owed, touched_at=clock()))

    async def test_certificates_that_were_not_sealed_for_us_are_none(self, clock, owed):
        async with open_stand(clock, by="") as stand:
            stand.double.notices.by_certificate = True
            told_now = await notified_by(stand, owed)
        stranger = new_key()
        certificate = certificate_of(stranger, "stranger")
        async with open_stand(clock, by="") as stand:
            stand.double.keys = replace(
                stand.double.keys, platform=stranger, certificate=certificate,
                api_v3_key="another-api-v3-key-of-32-letters",
            )  # fmt: skip
            stand.double.notices.keys = stand.double.keys
            headers, body = stand.double.notices.headers(told_now[1]), told_now[1]
            with pytest.raises(TillError):
                await stand.till.read(headers | {"Wechatpay-Serial": serial_of(certificate)}, body)
        assert pem_of(certificate) != public_pem(stranger)


async def notified_by(stand, owed):
    """Somebody pays at the gateway, whatever our till can verify yet."""
    trades = stand.double.trades
    terms = {
        "appid": trades.app_id, "mchid": trades.merchant_id, "description": "A",
        "out_trade_no": f"{int(owed.id, 16):x}"[:20] + "x", "notify_url": "https://eider.example/pay",
        "amount": {"total": 990, "currency": "CNY"},
    }  # fmt: skip
    if stand.double.notices.by_certificate and stand.clock() > datetime(2031, 1, 1, tzinfo=UTC):
        await stand.till.bill(owed, "A")
    stand.double.pay(trades.place("NATIVE", terms).code, PAYER)
    return stand.last_notice()


class TestRefunds:
    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("SUCCESS", RefundState.DONE),
            ("ABNORMAL", RefundState.STUCK),
            ("CLOSED", RefundState.CLOSED),
        ],
    )
    async def test_they_are_read(self, stand, owed, status, state):
        event = await stand.till.read(*await paid_by_scan(stand, owed))
        await stand.till.refund(event.charge, 500, event.currency, "k:1")
        (refund,) = stand.double.trades.refunds.values()
        stand.double.settle(refund, status)
        report = await stand.till.read(*stand.last_notice())
        assert isinstance(report, RefundEvent)
        assert (report.charge, report.amount, report.state) == (event.charge, 500, state)

    async def test_anothers_and_unknown_ones_are_refused(self, stand, owed):
        event = await stand.till.read(*await paid_by_scan(stand, owed))
        await stand.till.refund(event.charge, 500, event.currency, "k:1")
        (refund,) = stand.double.trades.refunds.values()
        good = refund.report() | {"refund_status": "SUCCESS"}
        for change in (
            {"mchid": "1900000110"}, {"refund_status": "WAITING"}, {"transaction_id": ""},
            {"amount": {"refund": "500", "total": 990}}, {"amount": None},
            {"amount": {"refund": 0, "total": 990}}, {"amount": {"refund": -1, "total": 990}},
        ):  # fmt: skip
            notices = stand.double.notices
            notices.add("http://x", "REFUND.SUCCESS", "refund", good | change)
            with pytest.raises(Forged):
                await stand.till.read(*stand.last_notice())
