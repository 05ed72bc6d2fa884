"""The job kinds of the product, in one list. A new kind is added here."""

from typing import Final

from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO
from shop.clips.sources import PREPARE
from shop.jobs.kinds import JobKinds
from shop.photos.comparison import COMPARE
from shop.photos.photos import CHECK

JOB_KINDS: Final = JobKinds((CHECK, COMPARE, TRAIN, PAINT, PREPARE, FILM, VIDEO))
