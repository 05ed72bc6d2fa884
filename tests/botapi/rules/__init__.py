"""The rules of the Bot API: the machine-readable ones, and those that stand in its prose only."""

from tests.botapi.rules.checking import answer_flaws, check
from tests.botapi.rules.findings import Broken
from tests.botapi.rules.specification import decoded, read_anyway, specification, spelling

__all__ = ["Broken", "answer_flaws", "check", "decoded", "read_anyway", "specification", "spelling"]
