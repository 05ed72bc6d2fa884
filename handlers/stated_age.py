"""Whether somebody says, in any of our languages, that they themselves are under 18.

Read by patterns (``words-minor`` in ``locales/*/words.ftl``), not by the classifier of questions: a
false one holds photos. A number counts where it can be nothing but an age, and the writer's own:
"I'm 17", but not "I'm 17 minutes late", "my son is 17" or "if I'm 17".
"""

import re
import unicodedata
from functools import cache
from typing import Final

from handlers.texts import UNSPACED, every

_LONGEST: Final = 300
"""Letters that are looked at."""

_DIGITS: Final = r"(?:[5-9]|1[0-7])(?!\d)"
_STOP: Final = r"\s*(?:$|[^\w\s.'\"°%+*/#$€£-]|\.(?!\d)|- "
"""With an age its sentence is over, by a mark or an emoji, or goes on with one of a language's
``words-minor-goes-on``. Not by what makes it another number: 5'9", 17%, 10-17."""
_SENTENCES: Final = re.compile(r"[.!?。\n]")


def says_minor(text: str) -> bool:
    """Whether the text says that its writer is a minor. The text is not kept."""
    spaced = re.sub(r"\s+", " ", _plain(text[:_LONGEST]).casefold().strip())
    for unspaced, says, supposed in _patterns():
        said = spaced.replace(" ", "") if unspaced else spaced
        for found in says.finditer(said):
            before = _SENTENCES.split(said[: found.start()])[-1]
            if not supposed.search(before):
                return True
    return False


@cache
def _patterns() -> tuple[tuple[bool, re.Pattern[str], re.Pattern[str]], ...]:
    """For each language: whether its text is read without spaces, what says it, and what before it
    makes it no statement. AGE and END stand there for a minor's age and the end of the phrase."""
    found = []
    for texts in every():
        age = f"(?:{_DIGITS}|{texts('words-minor-age')})"
        end = f"(?={_STOP}|{texts('words-minor-goes-on')}))"
        says = "|".join(texts("words-minor").splitlines())
        pattern = re.compile(_plain(says.replace("AGE", age).replace("END", end)))
        supposed = re.compile(_plain(texts("words-minor-supposed")))
        found.append((texts.language in UNSPACED, pattern, supposed))
    return tuple(found)


def _plain(text: str) -> str:
    """In the signs that patterns are compared in; a lone Korean letter has two."""
    return unicodedata.normalize("NFKC", text).replace("’", "'")
