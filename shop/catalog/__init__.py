"""What is for sale: templates, prices, and what each base model can show. Data, not code.

The files lie beside this module; a mistake in one stops the start with every mistake named
(:class:`CatalogError`). Languages are :data:`shop.people.users.LANGUAGES`, and none may be missing.

``templates/{id}.toml``, one each; the file's name is the template's id (a-z, 0-9, "-", at most 24
characters, so that it fits a button's action)::

    group = "id"                          # a word of GROUPS: how the style menu is ordered
    order = 10                            # within all; shown in ascending order, then by id
    subjects = ["woman", "man", "person"]
    look = ["studio", "blue"]             # words that a base must know to show it (bases.toml)
    prompt = "portrait of {subject}, ..." # must hold {subject} and no other brace
    negative = "..."                      # may be empty
    width = 768                           # a wish in pixels, 256..2048, multiples of 8
    height = 1024
    seeds = [11, 12, 13, 14]              # at least 4, all different, 0..2^31-1
    [name]                                # at most 24 characters
    zh_CN = "..."
    en = "..."
    fr = "..."
    ko = "..."
    [blurb]                               # at most 160 characters
    zh_CN = "..."                         # and so on

    # and what a designer may add (docs/templates.md), all of it optional:
    bases = ["sdxl"]                      # only these can paint it; must be named for a style_lora
    style_lora = "grain.safetensors"      # in designs/, beside the customer's own LoRA
    style_weight = 0.6                    # above 0, up to 2
    reference = "stage.jpg"               # in designs/, painted over; of width's and height's shape
    mask = "stage-mask.png"               # white is painted anew; left out: all of it
    strength = 0.7                        # above 0, up to 1: how much of it is painted anew
    retouch = ["skin", "background"]      # painted steps after it, of skin, light and background
    background = "#438edb"                # with the step "background", and only then
    grade = "warm-film"                   # of grades/, where a base has its look only so finished
    graded_prompt = "{subject}, ..."      # what is painted there; needs a grade, and a grade it
    expressions = ["neutral"]             # all that customers may ask for; left out: any
    framing = "head_and_shoulders"        # or "close_up"; left out: as the base usually does
    [[shots]]                             # at most 4, all different: the portraits of a shoot take
    words = "soft side light"             # them in turn. Words after the prompt,
    framing = "close_up"                  # a framing of its own, or both

``grades/{id}.toml``: how a look is finished, in linear light (:mod:`shop.catalog.grade_file`).

``previews/{id}.jpg``: one for each template, a picture to choose by.

``motions/{id}.toml``: how a photo comes alive (docs/motions.md)::

    order = 10                            # shown in ascending order
    seconds = 5.0                         # 1 to 10; 25 frames each
    faces = true                          # whether it needs a face
    [name]                                # at most 24 characters, in all languages
    [blurb]                               # at most 160
    [tracks]                              # words of Track: [seconds, value], times rise
    yaw = [[0.0, 0.0], [1.5, 4.0], [5.0, 0.0]]

``motions/previews/all.mp4``, ``.jpg``, ``.toml``: all of them side by side
(:mod:`shop.catalog.motion_sampler`).

``motions/previews/{id}.webp``: one for each motion, made by it (``python -m benchmarks.motion
previews``).

``bases.toml``: a table for each base model that the setting EIDER_BASE may name::

    [mini]
    looks = ["studio", "blue", "sepia"]
    finished = ["sepia"]                  # of looks: by the template's grade, not by words
    expressions = [["soft_smile", "smile"], ["neutral"]]  # one word for both smiles, another one
    [sdxl]
    looks = ["*"]                         # can show everything
    expressions = [["soft_smile"], ["smile"], ["neutral"]]

``video.toml``: what video bases are told for motions, and which there are (docs/bases.md)::

    [motions.smile]                       # the ids of motions; one that is left out is not sold so
    words = "the person begins to smile"
    camera = "push_in"                    # a word of video_file.CAMERAS; may be left out
    [effects.hug.name]                    # at most 24 characters, in all languages
    en = "Hug"
    [bases.wan22-ti2v-5b]                 # that the setting EIDER_VIDEO_BASE may name
    words = true                          # whether it makes clips of words alone
    seconds = 5.0                         # of a clip of an effect
    effects = { hug = 2 }                 # of its recipe, and how many people each needs

``prices.toml``::

    shoot_credits = 4                     # of one shoot of four portraits, held, then captured
    film_credits = 10                     # of one clip by the embedded animator, likewise
    together_credits = 15                 # of one of two pictures; left out: as many
    video_credits = 60                    # of one by a video base; may be left out without any
    gift_clip = true                      # a new customer's first clip is free; left out: no
    referral_credits = 4                  # may be left out: as many as a shoot costs; 0: no thanks
    [[price]]                             # (product, currency, credits) must be unique
    product = "avatar"                    # exactly one for each currency; comes first
    currency = "CNY"
    amount = 990                          # minor units: fen, or whole Stars
    credits = 8                           # granted with it; an avatar grants shoot_credits beside
    [[price]]
    product = "credits"                   # any number of packs
    currency = "CNY"
    amount = 600
    credits = 20
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from shop.catalog.entries import (
    EVERYTHING,
    GROUPS,
    PORTRAITS,
    CatalogError,
    MotionEntry,
    Price,
    Template,
)
from shop.catalog.loader import read
from shop.catalog.motion_sampler import MotionSampler, read_sampler
from shop.catalog.schema import ExpressionGroups
from shop.catalog.video_file import VideoBaseEntry, VideoWords
from shop.errors import NotFound, TemplateNotShown
from shop.records import Currency, Motion, Product, Subject

__all__ = [
    "EVERYTHING",
    "FOLDER",
    "GROUPS",
    "PORTRAITS",
    "Catalog",
    "CatalogError",
    "MotionEntry",
    "Price",
    "Template",
]

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalogue as it was when the process started. Load once, pass it on."""

    templates: tuple[Template, ...]
    prices: tuple[Price, ...]
    shoot_credits: int
    bases: Mapping[str, frozenset[str]]
    referral_credits: int = 0  # for each of the two, when an invited person pays for their avatar
    finished: Mapping[str, frozenset[str]] = field(default_factory=dict)  # looks, by base model
    expressions: Mapping[str, ExpressionGroups] = field(default_factory=dict)  # by base model
    motions: Mapping[str, MotionEntry] = field(default_factory=dict)  # by id, in the shop's order
    film_credits: int = 0
    together_credits: int = 0
    gift_clip: bool = False
    video_credits: int = 0
    video_words: Mapping[str, VideoWords] = field(default_factory=dict)  # by the motion's id
    video_bases: Mapping[str, VideoBaseEntry] = field(default_factory=dict)  # that may be sold
    effect_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Catalog":
        """Read and check everything. Raises :class:`CatalogError`."""
        files = read(folder)
        return cls(
            files.templates, files.prices, files.shoot_credits, files.bases,
            files.referral_credits, files.finished, files.expressions, files.motions,
            files.film_credits, files.together_credits, files.gift_clip, files.video_credits,
            files.video_words, files.video_bases, files.effect_names,
        )  # fmt: skip

    def repriced(self, stars_avatar: int, stars_credits: int) -> "Catalog":
        """The same catalogue with the operator's own prices in Stars: of the avatar, and of the
        first pack of credits. 0 keeps what the file says.
        """
        pack = self.packs(Currency.XTR)[:1]

        def own(price: Price) -> Price:
            ours = stars_credits if price in pack else 0
            if price.product is Product.AVATAR and price.currency is Currency.XTR:
                ours = stars_avatar
            return replace(price, amount=ours) if ours else price

        return replace(self, prices=tuple(own(price) for price in self.prices))

    def template(self, id: str) -> Template:
        """Raises :class:`NotFound`."""
        for template in self.templates:
            if template.id == id:
                return template
        raise NotFound

    def offered(
        self, base: str, subject: Subject
    ) -> tuple[tuple[Template, ...], tuple[Template, ...]]:
        """The templates for that subject: those that the base can show, and those it cannot."""
        suited = [one for one in self.templates if subject in one.subjects]
        shown = tuple(one for one in suited if self.shows(base, one))
        return shown, tuple(one for one in suited if one not in shown)

    def shows(self, base: str, template: Template) -> bool:
        """Whether the base model knows every look that the template needs, and may paint it."""
        if template.bases and base not in template.bases:
            return False
        looks = self.bases.get(base, frozenset())
        return EVERYTHING in looks or looks.issuperset(template.look)

    def other_expression(self, base: str, template_id: str, shown: str) -> str:
        """What "another expression" paints after ``shown`` ("": the template's own): the next of
        those that the template allows and the base paints otherwise, round and round. "" where
        there is none, or no such template any more.
        """
        try:
            template = self.template(template_id)
        except NotFound:
            return ""
        now = shown or template.expression
        groups = self.expressions.get(base, ())
        here = next((number for number, group in enumerate(groups) if now in group), -1)
        following = (*groups[here + 1 :], *groups[: max(here, 0)])
        allowed = (word for group in following for word in group if word in template.expressions)
        return next(allowed, "")

    def painted(self, base: str, template_id: str) -> Template:
        """The template as that base paints it: with its grade and the prompt for it where the base
        has one of its looks by finishing alone, else without. Raises :class:`NotFound`.
        """
        template = self.template(template_id)
        if template.grade and self.finished.get(base, frozenset()).intersection(template.look):
            return replace(template, prompt=template.graded_prompt)
        return replace(template, grade=None)

    def showable(self, base: str, template_id: str) -> Template:
        """Raises :class:`NotFound`, or :class:`TemplateNotShown` for one beyond the base."""
        template = self.template(template_id)
        if not self.shows(base, template):
            raise TemplateNotShown
        return template

    def first(self, base: str, subject: Subject, wanted: str = "") -> Template:
        """The template of the first portraits: the wanted one if it can be shown, else the first
        that can. Raises :class:`TemplateNotShown` when the base can show none at all.
        """
        shown, _ = self.offered(base, subject)
        if not shown:
            raise TemplateNotShown
        return next((one for one in shown if one.id == wanted), shown[0])

    def price(self, product: Product, currency: Currency, credits: int | None = None) -> Price:
        """The first price that fits; ``credits`` chooses a pack. Raises :class:`NotFound`."""
        for price in self.prices:
            fits = price.product is product and price.currency is currency
            if fits and credits in (None, price.credits):
                return price
        raise NotFound

    def packs(self, currency: Currency) -> tuple[Price, ...]:
        """The packs of credits in that currency, as listed."""
        return tuple(
            one
            for one in self.prices
            if one.product is Product.CREDITS and one.currency is currency
        )

    def motion(self, id: str) -> MotionEntry:
        """Raises :class:`NotFound`."""
        try:
            return self.motions[id]
        except KeyError as error:
            raise NotFound from error

    def video_motions(self, base: str, faces: int) -> tuple[Motion, ...]:
        """What that video base makes of a picture of so many faces: the shop's motions that it has
        words for, then its effects. Nothing for a base that is none ("").
        """
        if base not in self.video_bases:
            return ()
        entry = self.video_bases[base]
        moved = [one.motion for id, one in self.motions.items() if id in self.video_words]
        asked = [entry.effect(name) for name, people in entry.effects.items() if people == faces]
        return (*(one for one in moved if faces or not one.faces), *asked)

    def motion_sampler(self) -> MotionSampler:
        """All motions in one clip. Raises :class:`NotFound` where there is none."""
        folders = {entry.preview.parent for entry in self.motions.values()}
        if not folders:
            raise NotFound
        return read_sampler(folders.pop())

    def motion_preview(self, id: str) -> bytes:
        """An animated WebP. Raises :class:`NotFound`."""
        try:
            return self.motion(id).preview.read_bytes()
        except OSError as error:
            raise NotFound from error

    def preview(self, template_id: str) -> bytes:
        """A JPEG. Raises :class:`NotFound`."""
        try:
            return self.template(template_id).preview.read_bytes()
        except OSError as error:
            raise NotFound from error
