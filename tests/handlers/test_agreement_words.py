"""The words that people agree to: what they say of a photo's check, and that new ones ask again."""

import hashlib

import pytest

from handlers.texts import texts
from shop.people import consent
from shop.people.users import LANGUAGES
from shop.records import ConsentKind
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.test_journey import TO_BILL, TO_STUDIO

AGREED = {
    ConsentKind.TERMS: ("terms", "2027-02", "bddf8c8477d5c3f7"),
    ConsentKind.MOTION: ("alive-ask", "2027-02", "97f88940d945c0c0"),
    ConsentKind.TRAINING: ("training-ask", "2026-11", "c20e481108b58918"),
    ConsentKind.COMPARE_PHOTOS: ("compare-photos-ask", "2027-03", "30e6b681146267fc"),
    ConsentKind.COMPARE: ("compare-ask", "2027-02", "ed42c2fff66b753e"),
}
"""Of each consent: its text, the version, and a digest of the text in all languages."""

CHECKS = {
    "en": ("how young it looks", "checksums of the picture and of the face", "key points"),
    "fr": ("il paraît jeune", "sommes de contrôle de l’image et du visage", "point clé"),
    "ko": ("얼마나 어려 보이는지", "얼굴 부분의 검사값", "특징점"),
    "zh_CN": ("看上去多年轻", "脸部画面的校验值", "关键点"),
}


@pytest.mark.parametrize("kind", ConsentKind)
def test_who_agreed_to_other_words_is_asked_again(kind: ConsentKind) -> None:
    """Where this fails: does the text mean something else now? Then raise its version in
    shop/people/consent.py. Put both down here in any case."""
    key, version, digest = AGREED[kind]
    said = "".join(texts(language)(key, hours=24) for language in LANGUAGES)
    found = hashlib.sha256(said.encode()).hexdigest()[:16]
    assert (consent.VERSION[kind], found) == (version, digest)


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_and_privacy_notice_say_what_is_kept_of_a_photos_check(language: str) -> None:
    age, hashes, points = CHECKS[language]
    terms, privacy = texts(language)("terms", hours=24), texts(language)("privacy", days=1, years=1)
    for told in (terms, privacy):
        assert age in told
        assert hashes in told
    assert points in terms
    assert "18" in privacy, "of what they type, that they are a minor"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["terms", "compare-ask", "compare-photos-ask"])
def test_what_is_long_opens_with_two_lines_that_the_details_keep(language: str, key: str) -> None:
    """Short enough for one look, and each promise of the two stands in the details again."""
    paragraphs = texts(language)(key, hours=24).split("\n\n")
    summary = next(one for one in paragraphs[:2] if "\n" in one)
    details = "\n".join(paragraphs[paragraphs.index(summary) + 1 :])
    assert len(summary.splitlines()) == 2
    assert all(len(line) <= 120 for line in summary.splitlines())
    kept = {"terms": ("/erase",), "compare-ask": ("/privacy",)}.get(key, ("/privacy",))
    assert all(word in details for word in kept)


async def test_my_data_counts_the_checks_while_they_are_kept(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_BILL
        + """
        > /mydata
        < results of photo checks, with checksums of picture and face: 20
        < No name, no facial key points or face embeddings
        """,
    )
    await harness.play(anna, TO_STUDIO.removeprefix(TO_BILL))
    await harness.play(
        anna, "> /mydata\n< results of photo checks, with checksums of picture and face: 0"
    )


async def test_credits_are_sold_to_nobody_who_has_not_agreed(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, "> hi\n> how much\n< A digital avatar is ¥9.90\n< You have 0 credits")
    await harness.play(anna, "[60 credits · ¥6.00]\n! (bill\n< I need your consent")
    await harness.play(anna, "[Yes, and I’m an adult]\n> credits\n[60 credits · ¥6.00]\n< (bill")
