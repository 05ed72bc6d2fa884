"""``python -m bot migrate up | down REVISION | plan``: the database's tables, brought from one
version's to another's. In production nothing else does that (``docs/deploy.md``).
"""

import argparse
from collections.abc import Iterable
from typing import Final

from shop.adapters.database.upgrade import (
    MigrationPlan,
    MigrationStep,
    NoWayBack,
    downgrade,
    plan,
    steps_back,
    upgrade,
)
from shop.errors import CannotStart, SchemaUnfit
from shop.settings import Settings

DONE: Final = 0
THERE_IS_SOMETHING: Final = 1  # as every command where it could not do its work
REFUSED: Final = 2


def add_migrate_options(parser: argparse.ArgumentParser) -> None:
    """``up``, ``plan``, and ``down`` with where to and the consent to lose data."""
    ways = parser.add_subparsers(dest="way", required=True)
    ways.add_parser("up", help="bring the tables up to this version's")
    ways.add_parser("plan", help="say what up would do; 0: nothing, 1: something, or it cannot")
    down = ways.add_parser("down", help="go back to an earlier version's tables")
    down.add_argument("revision", help="the revision to go back to, such as 0018")
    down.add_argument("--lose-data", action="store_true", help="what later revisions hold")


async def migrate(chosen: argparse.Namespace, settings: Settings) -> int:
    """Do it and say so; the exit status. Raises :class:`shop.errors.CannotStart`."""
    found = await plan(settings.database_url)
    if chosen.way == "down":
        return await _down(chosen, settings, found)
    _say(_standing(found))
    if chosen.way == "plan":
        _say_all(_ahead(found))
        return DONE if found.fits and not found.steps else THERE_IS_SOMETHING
    try:
        done = await upgrade(settings.database_url, settings.master_keys)
    except SchemaUnfit as newer:
        raise CannotStart(f"EIDER_DATABASE_URL: {newer}") from newer
    for step in done:
        _say(f"{step.revision}  {step.subject}: done")
    if found.steps and not done:
        _say("another one was quicker: nothing was left to do")
    return DONE


async def _down(chosen: argparse.Namespace, settings: Settings, found: MigrationPlan) -> int:
    try:
        if not chosen.lose_data:
            _say_all(_back(steps_back(found.revision, chosen.revision), "would be undone"))
            _say("nothing was changed: stop every process, back up, and say --lose-data")
            return REFUSED
        undone = await downgrade(settings.database_url, settings.master_keys, chosen.revision)
    except NoWayBack as wrong:
        _say(str(wrong))
        return REFUSED
    _say_all(_back(undone, "undone"))
    _say(f"the tables are of revision {chosen.revision}")
    return DONE


def _back(steps: Iterable[MigrationStep], how: str) -> Iterable[str]:
    return (f"{step.revision}  {step.subject}: {how}. {step.lost}" for step in steps)


def _standing(found: MigrationPlan) -> str:
    tables = f"tables of revision {found.revision}" if found.revision else "no tables"
    knows = f"the database has {tables}, this version knows {found.known}"
    if found.revision > found.known:
        can = "works on them as well" if found.fits else "cannot work on them"
        return f"{knows} and {can}"
    return knows if found.steps else f"{knows}: nothing to do"


def _ahead(found: MigrationPlan) -> Iterable[str]:
    for step in found.steps:
        oldest = step.oldest_code
        lives = f"ends code before {oldest}" if oldest else "the former version goes on beside it"
        beside = f" ({lives})" if found.revision else ""  # without tables nobody works on them
        yield f"{step.revision}  {step.subject}{beside}. {step.what}".rstrip()


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _say(line: str) -> None:
    print(line)  # noqa: T201 - an answer to whoever typed the command
