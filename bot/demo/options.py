"""The options of ``python -m bot demo``."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.process_supervisor import ROOT
from shop.people.users import LANGUAGES, language_for
from shop.records import Subject

CUSTOMER: Final = ROOT / "deploy" / "demo" / "customer"
"""The sample customer: photos of a synthetic person, with their licence beside them."""

CUSTOMER_IS: Final = Subject.MAN
CHANNELS: Final = ("playground", "wechat")
"""The first is the default."""

ENDINGS: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heics", ".heif", ".hif", ".avif"}
)


@dataclass(frozen=True, slots=True)
class Options:
    """``once`` ends after the journey; ``json`` makes the last line an object of what came out, or
    of why nothing did. ``channel`` is where the customer chats, one of :data:`CHANNELS`."""

    once: bool
    channel: str
    photos: Path
    out: Path
    language: str
    subject: Subject
    json: bool

    def files(self) -> list[Path]:
        """The photos to send, in the order of their names."""
        if not self.photos.is_dir():
            return []
        return sorted(
            one for one in self.photos.iterdir() if one.suffix.lower() in ENDINGS and one.is_file()
        )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("--once", action="store_true", help="end after the journey")
    parser.add_argument(
        "--channel", choices=CHANNELS, default=CHANNELS[0],
        help="where the customer chats; WeChat is played by doubles (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--photos", type=Path, default=CUSTOMER, help="a folder of photos of one person"
    )
    parser.add_argument("--out", type=Path, default=Path("demo-out"), help="for the portraits")
    parser.add_argument(
        "--lang", default="en", help=f"one of {', '.join(LANGUAGES)}; default %(default)s"
    )
    parser.add_argument(
        "--subject",
        choices=[one.value for one in Subject],
        help="whom the photos show; asked in the chat (default: woman for the sample, else person)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")


def read_options(chosen: argparse.Namespace) -> Options:
    """From the parsed command line."""
    default = CUSTOMER_IS if chosen.photos.resolve() == CUSTOMER.resolve() else Subject.PERSON
    language = chosen.lang if chosen.lang in LANGUAGES else language_for(chosen.lang)
    return Options(
        once=chosen.once,
        channel=chosen.channel,
        photos=chosen.photos,
        out=chosen.out.absolute(),
        language=language,
        subject=Subject(chosen.subject) if chosen.subject else default,
        json=chosen.json,
    )
