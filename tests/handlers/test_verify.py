"""/verify in a chat: what is said of a file, and that the file is read, and nothing else."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from handlers.chat import Reply, Reserve, Say, SentOther, SentPhoto
from handlers.session import State
from handlers.texts import texts
from handlers.verdicts import verdict_text
from shop.adapters.memory import MemoryDatabase
from shop.errors import PhotoTooLarge, PhotoUnreadable
from shop.labels.hidden import IPTC, RDF, SourceType, packet
from shop.labels.labelling import Labelling
from shop.labels.signing import PictureKind, UnsignedPicture
from shop.labels.verification import LabelVerdict, Verification
from shop.people.users import LANGUAGES
from shop.records import Photo, PhotoState
from tests.doubles import LabelReaderDouble
from tests.handlers.dialogue_harness import START, DialogueHarness, picture
from tests.handlers.guests import Guest
from tests.handlers.test_journey import TO_PHOTOS
from tests.labels import PRODUCER, filmed, painted, signer, studio_keys, unlabelled


@pytest.fixture
def house(tmp_path: Path) -> DialogueHarness:
    """A dialogue whose house has keys."""
    harness = DialogueHarness(tmp_path, MemoryDatabase(lambda: START))
    trust = studio_keys().trust
    reader = LabelReaderDouble(trust.anchors)
    harness.labelling = Labelling(signer(), reader, trust, PRODUCER)
    harness.rebuild()
    return harness


async def signed(kind: PictureKind = PictureKind.PORTRAIT, by: str = "studio") -> bytes:
    return await signer(by).sign(UnsignedPicture(painted(), kind))


async def sent(house: DialogueHarness, guest: Guest, file: bytes) -> str:
    async def read(reserve: Reserve) -> bytes:
        await reserve(len(file))
        return file

    (reply,) = await house.send(guest, SentPhoto(read))
    assert isinstance(reply, Say)
    return reply.text


def stated(source: str) -> bytes:
    """Somebody's picture with IPTC's label alone."""
    described = f'<rdf:Description xmlns:i="{IPTC}" i:DigitalSourceType="{source}"/>'
    packet = f'<rdf:RDF xmlns:rdf="{RDF}">{described}</rdf:RDF>'
    out = io.BytesIO()
    Image.effect_noise((300, 300), 30).convert("RGB").save(out, "JPEG", xmp=packet.encode())
    return out.getvalue()


async def state_of(house: DialogueHarness, guest: Guest) -> State:
    session = await house.sessions.load("playground", guest.name)
    assert session is not None
    return session.state


async def test_a_file_of_ours_is_told_with_its_kind_and_day_and_not_whose(house) -> None:
    guest = house.guest("anna")
    await house.play(guest, "> hello\n> /verify\n< send it as a file")
    said = await sent(house, guest, await signed())
    for part in ("Yes: this file is ours", "a portrait from our studio", "made by AI, all of it",
                 "made on", "don’t tell anybody whose"):  # fmt: skip
        assert part in said
    assert "shoot-1" not in said  # the ProduceID leads to an order
    assert await state_of(house, guest) is not State.VERIFYING


def with_packet(hidden: bytes) -> bytes:
    """A JPEG with that XMP packet."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", xmp=hidden)
    return out.getvalue()


async def test_a_clip_is_verified_as_a_picture_is_and_read_for_nothing_else(house) -> None:
    guest, reads = house.guest("anna"), []
    film = await signer().sign(UnsignedPicture(filmed().mp4, PictureKind.CLIP))

    async def read(reserve: Reserve) -> bytes:
        reads.append(1)
        await reserve(len(film))
        return film

    sent = SentOther("video", SentPhoto(read))
    await house.play(guest, "> hello")
    (odd,) = await house.send(guest, sent)
    assert isinstance(odd, Say)
    assert not reads
    await house.play(guest, "> /verify\n< a picture or a clip")
    (told,) = await house.send(guest, sent)
    assert isinstance(told, Say)
    for part in ("Yes: this file is ours", "a clip from our studio", "brought alive by Eider"):
        assert part in told.text
    assert reads == [1]
    assert await state_of(house, guest) is not State.VERIFYING
    await house.play(guest, TO_PHOTOS)
    before = await photos_of(house)
    await house.send(guest, sent)
    assert (reads, await photos_of(house)) == ([1], before)


async def test_every_kind_of_file_has_its_answer(house) -> None:
    ours = await signed()
    changed = bytearray(ours)
    changed[-40] ^= 1
    resaved = io.BytesIO()
    Image.open(io.BytesIO(ours)).save(resaved, "JPEG")
    forged = await signed(by="forger")
    label = packet("Somebody", "1")
    torn = label.replace(b'"Label"', b"Label").replace(SourceType.PAINTED.encode(), b"")
    typed = label.replace(b"<x:xmpmeta", b"<!DOCTYPE x><x:xmpmeta", 1)
    answers = {
        with_packet(torn): "has a label, but not one of ours",
        with_packet(typed): "has a label, but not one of ours",
        bytes(changed): "the label does not fit it: either the file was changed",
        resaved.getvalue(): "No label that I can read. That proves nothing",
        unlabelled(): "chats strip labels when they compress photos",
        painted(): "no signature of ours proves it",
        forged: "no signature of ours proves it",
        b"no picture at all": "can’t read that file",
    }
    guest = house.guest("anna")
    for file, answer in answers.items():
        await house.type(guest, "/verify")
        assert answer in await sent(house, guest, file)


async def test_our_label_on_another_s_picture_proves_nothing_of_it(house) -> None:
    """The box is public: whoever has one file of ours can paste it into any other."""
    ours, other = await signed(), unlabelled()
    start = ours.index(b"\xff\xeb")
    box = ours[start : start + 2 + int.from_bytes(ours[start + 2 : start + 4], "big")]
    guest = house.guest("anna")
    await house.play(guest, "> /verify")
    said = await sent(house, guest, other[:2] + box + other[2:])
    for part in ("taken from another file of ours", "nothing is proven about what you see",
                 "The label was made for:\n· a portrait from our studio"):  # fmt: skip
        assert part in said


async def test_iptc_s_label_alone_is_told_as_anothers_statement(house) -> None:
    guest = house.guest("anna")
    for source, states in ((SourceType.PAINTED, "made by AI"), (SourceType.RETOUCHED, "with AI")):
        await house.play(guest, "> /verify")
        said = await sent(house, guest, stated(source))
        assert "not one of ours" in said
        assert states in said


async def test_a_painted_picture_is_no_photo_of_a_customer(house) -> None:
    """Whoever labelled it. What a model only retouched is; and so is what only claims a camera."""
    ours = await signer().sign(UnsignedPicture(painted(side=300), PictureKind.PORTRAIT))
    camera = stated("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture")
    guest = house.guest("anna")
    await house.play(guest, TO_PHOTOS)
    say = texts("en")
    for file in (ours, painted(2, side=300), stated(SourceType.PAINTED)):
        assert say("photo-painted") in await sent(house, guest, file)
    assert say("flaw-painted", count=3) in guest.text
    for number, file in enumerate((stated(SourceType.RETOUCHED), camera), start=4):
        assert say("photo-painted") not in await sent(house, guest, file)
        async with house.database.begin() as tx:
            taken = await tx.find(Photo, state=PhotoState.CHECKING)
        assert len(taken) == number - 3


async def test_between_photos_of_an_order_one_file_is_verified_and_the_next_is_an_order_s(
    house,
) -> None:
    """Nothing of the verified one is stored or counted; whatever else is said ends the question,
    and /cancel the question alone."""
    guest = house.guest("anna")
    await house.play(guest, TO_PHOTOS)
    async with house.database.begin() as tx:
        before = await tx.count(Photo)
    await house.type(guest, "/verify")
    await sent(house, guest, await signed())
    blobs = [path async for path in house.blobs.walk("")]
    async with house.database.begin() as tx:
        assert await tx.count(Photo) == before
    await house.type(guest, "/verify")
    await house.play(guest, "> /cancel")
    assert await state_of(house, guest) is State.PHOTOS
    await house.photos(guest, 1)
    async with house.database.begin() as tx:
        assert await tx.count(Photo) == before + 1
    assert len([path async for path in house.blobs.walk("")]) == len(blobs) + 1


async def photos_of(house: DialogueHarness) -> int:
    async with house.database.begin() as tx:
        return await tx.count(Photo)


def said_in(answers: list[list[Reply]]) -> str:
    return "\n".join(one.text for replies in answers for one in replies if isinstance(one, Say))


async def test_of_an_album_the_first_picture_is_verified_and_the_others_are_the_order_s(
    house,
) -> None:
    """All under way at once, as a chat sends them."""
    guest = house.guest("anna")
    await house.play(guest, TO_PHOTOS)
    before = await photos_of(house)
    await house.type(guest, "/verify")

    def one(number: int) -> SentPhoto:
        async def read(_: Reserve) -> bytes:
            await asyncio.sleep(0)
            return picture(number)

        return SentPhoto(read, album="a")

    answers = await asyncio.gather(*(house.send(guest, one(900 + n)) for n in range(8)))
    assert said_in(answers).count("No label that I can read") == 1
    assert await photos_of(house) == before + 7
    assert await state_of(house, guest) is State.PHOTOS


async def test_before_any_consent_the_one_file_is_fetched_and_no_other(house) -> None:
    guest = house.guest("anna")
    await house.play(guest, "> hello\n> /verify")
    fetched = []

    def one(number: int) -> SentPhoto:
        async def read(_: Reserve) -> bytes:
            fetched.append(number)
            return picture(number)

        return SentPhoto(read, album="a")

    await asyncio.gather(*(house.send(guest, one(900 + n)) for n in range(5)))
    assert len(fetched) == 1
    assert [path async for path in house.blobs.walk("")] == []


async def test_a_file_that_cannot_be_read_is_no_refused_photo_of_the_order(house) -> None:
    """But the next such file is."""
    guest = house.guest("anna")
    await house.play(guest, TO_PHOTOS)
    before = await photos_of(house)
    await house.type(guest, "/verify")
    assert "can’t read that file" in await sent(house, guest, b"no picture at all")
    assert await photos_of(house) == before
    await sent(house, guest, b"no picture at all")
    assert await photos_of(house) == before + 1


@pytest.mark.parametrize("file", [picture(900), b"no picture at all"], ids=["fine", "refused"])
async def test_a_photo_under_way_when_it_is_asked_is_the_order_s_and_the_question_waits(
    house, file: bytes
) -> None:
    guest = house.guest("anna")
    await house.play(guest, TO_PHOTOS)
    before = await photos_of(house)
    begun, come = asyncio.Event(), asyncio.Event()

    async def read(_: Reserve) -> bytes:
        begun.set()
        await come.wait()
        return file

    under_way = asyncio.create_task(house.send(guest, SentPhoto(read)))
    await begun.wait()
    await house.type(guest, "/verify")
    come.set()
    assert "I check JPEG" not in said_in([await under_way])  # which is of a file to verify
    assert await photos_of(house) == before + 1
    assert await state_of(house, guest) is State.VERIFYING
    assert "Yes: this file is ours" in await sent(house, guest, await signed())


async def test_a_file_that_does_not_come_may_be_sent_again(house) -> None:
    guest = house.guest("anna")
    await house.play(guest, TO_PHOTOS)
    before = await photos_of(house)
    await house.type(guest, "/verify")
    await house.bad_photo(guest, "lost")
    assert await state_of(house, guest) is State.VERIFYING
    assert "Yes: this file is ours" in await sent(house, guest, await signed())
    assert await photos_of(house) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_is_said_in_every_language(language: str) -> None:
    """Each differs from all others, and what is proven is said with all that is known."""
    say = texts(language)
    plain = [verdict_text(say, Verification(verdict)) for verdict in LabelVerdict]
    refused = [verdict_text(say, PhotoUnreadable()), verdict_text(say, PhotoTooLarge(megabytes=20))]
    assert len({*plain, *refused}) == len(LabelVerdict) + 2
    for kind in PictureKind:
        for source in SourceType:
            whole = Verification(LabelVerdict.OURS, source, kind, START.date())
            said = verdict_text(say, whole)
            assert say(f"verify-kind-{kind}") in said
            assert say.day(START) in said
            bent = verdict_text(say, replace(whole, verdict=LabelVerdict.CHANGED))
            begins = f"{say('verify-changed')}\n\n{say('verify-made-for')}\n· "
            assert bent.startswith(begins), "of the label, and not of the picture"
    assert say("verify-made-for") not in verdict_text(say, Verification(LabelVerdict.CHANGED))
    assert say("verify-made-for") not in said
    states = Verification(LabelVerdict.OTHERS, SourceType.RETOUCHED)
    assert say("verify-states-retouched") in verdict_text(say, states)
