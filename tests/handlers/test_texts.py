"""The four languages say the same, all of it, in their own script, within the platforms' limits."""

import ast
import inspect
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import handlers
from handlers import groups, intents, menus, router
from handlers.admin import BUTTONS
from handlers.admin import COMMANDS as ADMIN_COMMANDS
from handlers.intents import COMMANDS, normalized
from handlers.texts import FOLDER, TextError, Wording, every, texts
from shop import errors
from shop.errors import ShopError
from shop.money.referrals import ReferralInvitation
from shop.people import users
from shop.people.users import LANGUAGES
from shop.photos.quality import MissingView
from shop.records import Currency, Flaw, OrderState, Subject

TEXT, CAPTION, DESCRIPTION = 4096, 1024, 256  # Telegram's
LABEL = 40  # what a phone shows of a button in one line, two to a row for the short ones
LONGEST_STRING = "W" * 40
CAPTIONS = (
    "portraits", "portraits-first", "originals", "waiting-sample", "clip-ready",
    "clip-ready-erased", "clip-file", "source-ready", "source-mended",
)  # fmt: skip
HERE = Path(inspect.getfile(handlers)).parent
CODE = [ast.parse(path.read_text()) for path in sorted(HERE.rglob("*.py"))]
BOT = [ast.parse(path.read_text()) for path in sorted((HERE.parent / "bot").rglob("*.py"))]


@cache
def messages(language: str) -> dict[str, ftl.Message]:
    found: dict[str, ftl.Message] = {}
    for path in sorted((FOLDER / language).glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ftl.Junk), f"{path}: {entry.content}"
            if isinstance(entry, ftl.Message):
                assert entry.id.name not in found, f"{path}: {entry.id.name} twice"
                found[entry.id.name] = entry
    return found


class Blanks(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(  # noqa: N802, the visitor wants it so
        self, node: ftl.VariableReference
    ) -> None:
        self.names.add(node.id.name)


def blanks(message: ftl.Message) -> set[str]:
    visitor = Blanks()
    visitor.visit(message)
    return visitor.names


ENGLISH = messages("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_files_keys_and_blanks(language: str) -> None:
    mine = messages(language)
    assert mine.keys() == ENGLISH.keys()
    assert {k: blanks(m) for k, m in mine.items()} == {k: blanks(m) for k, m in ENGLISH.items()}
    files = {path.name for path in (FOLDER / language).iterdir()}
    assert files == {path.name for path in (FOLDER / "en").iterdir()}


def strings() -> Iterator[re.Pattern[str]]:
    """Every string of the code, every f-string as a pattern, and prefixes such as "page-"."""
    for node in (node for tree in CODE + BOT for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            rest = r"[\w-]+" if re.fullmatch("[a-z]+-", node.value) else ""
            yield re.compile(re.escape(node.value) + rest)
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w-]+"
                for part in node.values
            ]
            yield re.compile("".join(parts))


def refusal_keys(kind: type[ShopError] = ShopError) -> Iterator[str]:
    yield kind.key
    for leaf in kind.__subclasses__():
        yield from refusal_keys(leaf)


def test_every_key_is_used() -> None:
    used, named = list(strings()), set(refusal_keys())
    unused = [key for key in ENGLISH if not any(one.fullmatch(key) for one in used)]
    assert [key for key in unused if key not in named and key not in variants()] == []


LACKING = (
    Wording(typed=True), Wording(pictures=True), Wording(open=True), Wording(contact=True),
)  # fmt: skip


def variants() -> dict[str, tuple[str, Wording]]:
    """The messages that are another's wording for a channel that lacks something, and whose."""
    return {
        one: (key, lacking)
        for key in ENGLISH
        for lacking in LACKING
        for one in lacking.of(key)[:-1]
        if one in ENGLISH
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wording_says_what_the_channel_has(language: str) -> None:
    """Without buttons no text speaks of one, and commands are words that do the same; without files
    nothing is sent as one. Elsewhere all stays as it is."""
    plain, typed = texts(language), texts(language, Wording(typed=True, pictures=True))
    assert len(variants()) >= 9
    for variant, (key, lacking) in variants().items():
        said = texts(language, lacking)
        assert blanks(ENGLISH[variant]) <= blanks(ENGLISH[key]) | {"page"}
        values = {name: sample(name, True) for name in blanks(ENGLISH[key]) | {"page"}}
        assert said(key, **values) == said(variant, **values)
        assert plain(key, **values) != plain(variant, **values)
    for key, message in ENGLISH.items():
        if key.startswith(ELSEWHERE) or key in variants():
            continue
        said = typed(key, **{name: sample(name, True) for name in [*blanks(message), "page"]})
        assert not re.search(BUTTON_WORDS[language], said, re.IGNORECASE), (key, said)
        assert not re.search(r"(?<![\w/])/[a-z]", said), (key, said)
    for command in COMMANDS:
        word = typed.word(command)
        assert intents.read_words(word) == (command, ""), word
        assert word in typed("help", commands=f"/{command} — x")


ON_THE_ALBUM = tuple(
    re.findall(r"^([\w-]+) =", (FOLDER / "en" / "album.ftl").read_text(), re.MULTILINE)
)
ELSEWHERE = (
    "admin-", "page-", "demo-", "bot-", "group-", "limit-kept", "language-", "words-",
    *ON_THE_ALBUM,
)  # fmt: skip
"""Said beside a chat with buttons, in groups, or by people."""

BUTTON_WORDS = {
    "zh_CN": "按钮|点下面|点“|点一下|再点|按一下",
    "en": r"\b(buttons?|press(ing|ed)?|tap)\b",
    "fr": r"\b(boutons?|touche[zr]|appuyez sur)\b",
    "ko": "버튼|누르|눌러 주",
}


def keys_in_calls() -> Iterator[str]:
    """The literal keys that the code asks for."""
    for tree in CODE:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            index = {"say": 0, "texts": 0, "button": 1, "fallback": 1}.get(name)
            if index is not None and len(node.args) > index:
                key = node.args[index]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


def test_every_key_asked_for_exists() -> None:
    asked = {key for key in keys_in_calls() if key not in LANGUAGES}
    asked |= set(refusal_keys())
    asked |= {f"flaw-{one}" for one in Flaw} | {f"wish-{one}" for one in MissingView}
    asked |= {f"order-{one}" for one in OrderState} | {f"money-{one.value}" for one in Currency}
    asked |= {f"subject-button-{one}" for one in Subject}
    asked |= {f"command-{one}" for one in COMMANDS}
    asked |= {f"admin-usage-{one}" for one in ADMIN_COMMANDS}
    asked |= {f"admin-command-{one}" for one in ADMIN_COMMANDS}
    asked |= {f"group-command-{one}" for one in groups.COMMANDS}
    asked |= {
        f"invited-{one}" for one in ReferralInvitation if one is not ReferralInvitation.INVALID
    }
    asked |= set(router.PHOTO_REFUSED.values()) | {f"odd-{one}" for one in router.ODD_KINDS}
    assert len(asked) > 150
    assert asked - ENGLISH.keys() == set()
    assert BUTTONS.keys() == {"ok", "nok"}


def test_a_missing_key_or_blank_raises() -> None:
    with pytest.raises(TextError):
        texts("en")("no-such-key")
    with pytest.raises(TextError):
        texts("en")("tally-head", sent=1)
    with pytest.raises(TextError):
        texts("de")


BARE = ("money-", "admin-", "orders-line", "language-name", "typed-word")
SHARED = {"welcome-button-language"}  # whoever cannot read the rest must find this


def scripts(text: str) -> set[str]:
    names = (unicodedata.name(sign, "").split()[0] for sign in text if sign.isalpha())
    return {name for name in names if name in ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_in_its_own_script(language: str) -> None:
    own = {"zh_CN": {"CJK"}, "ko": {"HANGUL"}}.get(language, set())
    for key, text in rendered(language):
        if key not in SHARED:
            assert scripts(text) <= own, (key, text)
            words = re.sub(r"W{9,}|\d", "", text)
            bare = key.startswith(
                (
                    "money-",
                    "admin-",
                    "orders-line",
                    "receipt-line",
                    "language-name",
                    "typed-word",
                    "channel-",
                )
            )
            assert not own or bare or scripts(words) == own, (key, text)


def sample(name: str, big: bool) -> str | int:
    """Something long for a blank: strings for names and amounts, numbers for counts."""
    if name == "commands":
        return "\n".join(f"/{intent} — {'w' * 60}" for intent in COMMANDS)
    if name in NUMBERS:
        return 99_999 if big else 1
    return LONGEST_STRING


NUMBERS = {
    "accepted", "ahead", "asked", "avatars", "balance", "came", "charges", "checking", "consents",
    "cost", "count", "credits", "erased", "held", "high", "hours", "left", "length",
    "low", "maximum",
    "megabytes", "minimum", "minutes", "missing", "needed", "number", "orders", "page", "pages",
    "photos", "portraits", "running", "sent", "sets", "steps",
    "uploads", "users", "waiting", "workers",
}  # fmt: skip


def rendered(language: str) -> Iterator[tuple[str, str]]:
    """Every message with the longest blanks, in the plural and in the singular."""
    say = texts(language)
    for key, message in ENGLISH.items():
        for big in (True, False):
            yield key, say(key, **{name: sample(name, big) for name in blanks(message)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_fits_and_is_clean(language: str) -> None:
    for key, text in rendered(language):
        limit = CAPTION if key in CAPTIONS else DESCRIPTION if "command-" in key else TEXT
        assert 0 < len(text) <= limit, (key, len(text))
        assert "{" not in text, (key, text)
        assert text == text.strip(), key
        assert "  " not in text.replace("\n", ""), (key, text)
        emoji = [sign for sign in text if unicodedata.category(sign) == "So"]
        assert len(emoji) <= 1, key
        if "-button-" in key:
            assert len(text.replace(LONGEST_STRING, "¥1,234.00")) <= LABEL, (key, text)


PLURALS = "photos|credits|crédits|hours|heures|minutes|days|sets"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_counted_nouns_have_a_singular(language: str) -> None:
    """A message that differs between 1 and 2 does so by CLDR, and never says "1 photos"."""
    for key, text in rendered(language):
        wrong = re.search(rf"\b1 ({PLURALS})\b", text)
        assert key.endswith("-range") or not wrong, (key, text)


def test_french_typography() -> None:
    for key, text in rendered("fr"):
        assert not re.search(r"\w [;?!:»]", text.replace("\u202f", "_").replace("\u00a0", "_")), key
        assert "'" not in text, key


def test_no_space_stands_within_chinese() -> None:
    """Nor beside a span or a day, which ends in a word; admins type words that are parted."""
    say = texts("zh_CN")
    written = {"span": say.span(60, 180), "wait": say.wait(180), "day": say.day(date(2026, 11, 28))}
    for key, message in ENGLISH.items():
        blanked = {name: written.get(name, sample(name, True)) for name in blanks(message)}
        text = say(key, **blanked)
        loose = re.search("[\u3400-\u9fff] [\u3400-\u9fff]", text)
        assert not loose or key.startswith(("words-", "admin-")), (key, text)


BY_EAR = {
    "zh_CN": "画室|工作室|钥匙|怎么称呼|押了|再来 .{1,5} 张能用的|[0-9] 星|假数字",
    "en": "studio base|rather not invent",
    "fr": "viendrai vous chercher|flatterie|base de studio|n’apprend d’elles|inventer un chiffre",
    "ko": "열쇠|기계|곱게 남겨|더 예쁘게|지어낸 숫자",
}
"""What a native reader stumbled over: two words for one thing, jargon, a threat, a literal turn."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_again_that_a_reader_stumbled_over(language: str) -> None:
    for key, text in rendered(language):
        if not key.startswith(("words-", "admin-")):
            assert not re.search(BY_EAR[language], text), (key, text)


def test_phrases_mean_one_thing() -> None:
    """A word of one language must not ask for something else in another."""
    meanings: dict[str, set[tuple[str, str]]] = {}
    for say in every():
        for key, wanted in intents.WORDS.items():
            for phrase in say(key).split("|"):
                assert normalized(phrase), (say.language, key)
                meanings.setdefault(normalized(phrase), set()).add((wanted[0].value, wanted[1]))
    assert {phrase: acts for phrase, acts in meanings.items() if len(acts) > 1} == {}
    assert len(intents.phrases()) > 300
    for say in every():  # a button's own words, typed, do what it does
        label = normalized(say("waiting-button-refresh"))
        assert intents.phrases()[label] == (intents.Intent.WHERE, "")


def test_languages_are_those_of_the_shop() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert folders == set(LANGUAGES)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-hans", "zh_CN"), ("zh-TW", "zh_CN"), ("zh", "zh_CN"), ("yue", "zh_CN"),
        ("yue-HK", "zh_CN"), ("wuu", "zh_CN"), ("fr-CA", "fr"), ("fr", "fr"),
        ("ko-KR", "ko"), ("en-GB", "en"), ("pt-BR", "en"), ("", "en"), ("x", "en"),
    ],
)  # fmt: skip
def test_language_is_guessed_from_the_tag(tag: str, language: str) -> None:
    assert users.language_for(tag) == language


@pytest.mark.parametrize(
    ("language", "money", "stars", "short", "long"),
    [
        ("zh_CN", "¥9.90", "125 颗星星", "5 到 8 分钟", "3 到 4 小时"),
        ("en", "¥9.90", "125 Stars", "5 to 8 minutes", "3 to 4 hours"),
        ("fr", "9,90\u00a0¥", "125 Stars", "5 à 8 minutes", "3 à 4 heures"),
        ("ko", "9.90위안", "별 125개", "5~8분", "3~4시간"),
    ],
)
def test_money_and_time_in_the_readers_manner(
    language: str, money: str, stars: str, short: str, long: str
) -> None:
    say = texts(language)
    assert say.money(990, Currency.CNY) == money
    assert say.money(125, Currency.XTR) == stars
    assert say.span(300, 470) == short
    assert say.span(3 * 3600, 4 * 3600) == long
    assert say.span(3) == say("span-seconds", low=5)
    assert say.span(61) == say("span-seconds", low=65)
    assert say.span(119.0, 121.0) == say("span-minutes", low=2)
    assert say.span(119.0, 130.0) == say("span-minutes-range", low=2, high=3)


def test_a_day_is_the_studios_own() -> None:
    late = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)  # already tomorrow in Shanghai
    assert texts("en").day(late) == "Nov 22, 2026"
    assert texts("en", Wording(zone="Asia/Shanghai")).day(late) == "Nov 23, 2026"
    assert texts("en", Wording(zone="America/Lima")).day(late.date()) == "Nov 22, 2026"


def test_the_menus_have_every_command_in_every_language() -> None:
    for language in LANGUAGES:
        private, admins = menus.private(language), menus.admins(language)
        assert [command for command, _ in private] == [intent.value for intent in COMMANDS]
        assert {name for name, _ in admins} == {
            *ADMIN_COMMANDS,
            *(intent.value for intent in COMMANDS),
        }
        assert tuple(name for name, _ in menus.group(language)) == groups.COMMANDS
        for menu in (private, admins, menus.group(language)):
            names = [command for command, _ in menu]
            assert len(set(names)) == len(names) <= 100
            assert all(re.fullmatch("[a-z]{1,32}", command) for command in names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bots_descriptions_fit(language: str) -> None:
    assert len(menus.description(language).encode("utf-16-le")) // 2 <= 512
    assert len(menus.short_description(language).encode("utf-16-le")) // 2 <= 120


SHOWN = {"Say": (0,), "Show": (1,), "Invoice": (0, 1), "Button": (0,), "Picture": (3,)}
"""Which arguments people read."""


def test_no_words_outside_the_locales() -> None:
    """What a reply, a button or a picture is built from is never a literal with letters."""
    for tree in CODE:
        for node in ast.walk(tree):
            name = getattr(getattr(node, "func", None), "id", "")
            if not isinstance(node, ast.Call) or name not in SHOWN:
                continue
            for position in SHOWN[name]:
                for part in ast.walk(node.args[position]) if len(node.args) > position else ():
                    value = part.value if isinstance(part, ast.Constant) else ""
                    assert value in ENGLISH or not re.search(r"[^\W\d_]", str(value)), value


def test_no_foreign_letters_in_the_code() -> None:
    for tree in CODE:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                letters = [sign for sign in node.value if sign.isalpha() and not sign.isascii()]
                assert not letters, node.value


def test_every_refusal_of_the_shop_has_words() -> None:
    leaves = [one for one in vars(errors).values() if isinstance(one, type)]
    counted = Counter(issubclass(one, ShopError) for one in leaves)
    assert counted[True] > 20
    for language in LANGUAGES:
        assert set(refusal_keys()) <= messages(language).keys()
