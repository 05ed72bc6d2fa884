"""Reads settings from environment variables, and says everything that is wrong at once."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource

PREFIX: Final = "EIDER_"

S = TypeVar("S", bound=BaseSettings)
Rule = Callable[[S], Iterable[str]]
"""What settings must keep together: for each problem a sentence, the variable's name in front."""


class SettingsError(Exception):
    """The environment cannot be used. ``problems`` has one sentence for each wrong variable."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(("the settings are not usable:", *problems)))
        self.problems = problems


def variable(field: str) -> str:
    """The variable of a field that names no other."""
    return f"{PREFIX}{field.upper()}"


def read(
    kind: type[S], env: Mapping[str, str], rules: Sequence[Rule[S]], stand_ins: Mapping[str, str]
) -> S:
    """The settings of that kind, checked by pydantic and then by ``rules``.

    Raises :class:`SettingsError` with all that is wrong: values, names that are no variable's, and
    what the rules find. A rule's problem about a variable that is wrong itself is left out; for
    those, ``stand_ins`` fill in what has no default.
    """
    values = _Variables(kind, env)()
    problems = list(_unknown(kind, env))
    settings: S | None
    try:
        settings = kind(**values)
    except ValidationError as error:
        wrong = {_variable_of(kind, str(one["loc"][0])) for one in error.errors()}
        problems += [_problem(kind, one) for one in error.errors()]
        rest = {name: value for name, value in values.items() if name not in wrong}
        settings = _settings(kind, {**stand_ins, **rest})
    named = {name for problem in problems for name in _names(problem)[:1]}
    if settings:
        found = [problem for rule in rules for problem in rule(settings)]
        problems += [problem for problem in found if not named & set(_names(problem))]
    if settings is None or problems:  # outside the block: the first error's text holds secrets
        raise SettingsError(tuple(problems))
    return settings


def _settings(kind: type[S], values: Mapping[str, Any]) -> S | None:
    try:
        return kind(**values)
    except ValidationError:
        return None


class _Variables(EnvSettingsSource):
    """pydantic-settings' environment source over any mapping. Blanks around a value are dropped,
    and an empty variable counts as missing.
    """

    def __init__(self, kind: type[BaseSettings], env: Mapping[str, str]) -> None:
        super().__init__(kind)
        self.env_vars = {name: text for name, value in env.items() if (text := value.strip())}


def _unknown(kind: type[BaseSettings], env: Mapping[str, str]) -> Iterator[str]:
    """A typing error would leave a price or a secret at its default."""
    known = {_variable_of(kind, field) for field in kind.model_fields}
    endings = [name.removeprefix(PREFIX) for name in known]
    for name in sorted(env):
        if name in known or not name.upper().startswith(PREFIX) or not env[name].strip():
            continue
        near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), endings, n=1)
        hint = f"did you mean {PREFIX}{near[0]}?" if near else "docs/operate.md lists them all"
        yield f"{name}: there is no such setting; {hint}"


def _problem(kind: type[BaseSettings], error: ErrorDetails) -> str:
    """The sentence for a pydantic error, without the value, which may be a secret."""
    what = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
    return f"{_variable_of(kind, str(error['loc'][0]))}: {what}"


def _variable_of(kind: type[BaseSettings], place: str) -> str:
    """Pydantic names the field where its default was wrong, else the variable."""
    field = kind.model_fields.get(place)
    return str(field.validation_alias) if field else place


def _names(problem: str) -> list[str]:
    return re.findall(rf"{PREFIX}[A-Z0-9_]+", problem)
