"""Progress of jobs in words, for the person who waits: honest about what is not known.

Each kind of job registers a :class:`handlers.progress.registry.JobProgressText`. A kind without one
is waited for silently, as the checks of photos are.
"""

from handlers.progress import clips, painting, training
from handlers.progress.registry import JobProgressText, register
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO

register(JobProgressText(TRAIN.name, training.message_of_job, training.places))
register(JobProgressText(PAINT.name, painting.message_of_job, painting.places))
register(JobProgressText(FILM.name, clips.message_of_job, clips.places))
register(JobProgressText(VIDEO.name, clips.message_of_job, clips.places))
