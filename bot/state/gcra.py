"""The arithmetic of rate limits: GCRA, in Lua for Redis and in Python for when it is away.

The "generic cell rate algorithm" is a leaky bucket that keeps one number for each limit: ``due``,
the moment at which the bucket will be empty again. Something may pass while that is less than a
burst ahead. Both versions must decide alike; a test asks them the same questions.

Two limiters ask it: that of the messages that we send (:mod:`bot.telegram.rate_limiter`), which
waits, and that of what comes in (:mod:`bot.state.limiter`), which refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

ANSWER_SECONDS: Final = 3.0
"""Redis is waited for: a hundred updates at once, on a busy core, take a second of their own."""

_REMEMBERED: Final = 4096
_MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """One each ``every`` seconds, but ``burst`` at once after a rest: never more than
    ``burst + s / every`` in any ``s`` seconds. What counts as more than ``burst`` waits for a
    whole rest, and fills the bucket beyond its size.
    """

    every: float
    burst: int


def at_most(messages: int) -> Rate:
    """So many in any second: some of them at once, as a set of four portraits is, the rest evenly.

    ``messages``: at least 1.
    """
    burst = max(4, messages // 8) if messages > 4 else 1
    return Rate(1.0 / max(1, messages - burst), burst)


CLOCK: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
"""
"""Goes before the others: ``now`` in microseconds."""

ACQUIRE: Final = """
-- KEYS: the chat's rates, then the one over all, then what may be closed
-- ARGV: how many rates, count, patience, and of each rate its interval and burst; microseconds
local rates, count, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wait, due = 0, {}
for n = rates + 1, #KEYS do
  wait = math.max(wait, redis.call('PTTL', KEYS[n]) * 1000)
end
local function look(n)
  local every, burst = tonumber(ARGV[2 + 2 * n]), tonumber(ARGV[3 + 2 * n])
  due[n] = math.max(tonumber(redis.call('GET', KEYS[n]) or '0'), now)
  return math.max(0, due[n] + (math.min(count, burst) - burst) * every - now)
end
for n = 1, rates - 1 do wait = math.max(wait, look(n)) end
if wait > 0 then return {0, math.ceil(wait)} end
wait = look(rates)
if wait > patience then return {0, math.ceil(wait)} end
for n = 1, rates do
  local from = n == rates and due[n] or math.max(due[n], now + wait)
  local paid = from + count * tonumber(ARGV[2 + 2 * n])
  local life = math.ceil((paid - now) / 1000) + 1
  redis.call('SET', KEYS[n], string.format('%.0f', paid), 'PX', string.format('%.0f', life))
end
return {1, math.ceil(wait)}
"""
"""May so many be sent? ``{1, in how many microseconds}``, or ``{0, when to ask again}``: then
nothing is charged. The chat is charged from the moment of sending, the whole from now."""

ARRIVED: Final = """
-- KEYS: the chat's rates. ARGV: count, and the interval of each rate in microseconds
for n = 1, #KEYS do
  local rest = tonumber(ARGV[1]) * tonumber(ARGV[1 + n])
  if now + rest > tonumber(redis.call('GET', KEYS[n]) or '0') then
    local life = string.format('%.0f', math.ceil(rest / 1000) + 1)
    redis.call('SET', KEYS[n], string.format('%.0f', now + rest), 'PX', life)
  end
end
"""
"""What was on its way for long counts from its arrival."""


@dataclass(frozen=True, slots=True)
class PermitRequest:
    """May ``count`` pass? ``rates`` by their keys, the one over all last. Seconds of ``patience``:
    0 for now or not at all."""

    rates: Sequence[tuple[str, Rate]]
    closed: Sequence[str]
    count: int
    patience: float

    @property
    def keys(self) -> list[str]:
        return [*(key for key, _ in self.rates), *self.closed]

    @property
    def arguments(self) -> list[float]:
        each = [number for _, rate in self.rates for number in (rate.every * _MICROS, rate.burst)]
        return [len(self.rates), self.count, min(self.patience, 1e9) * _MICROS, *each]


@dataclass(slots=True)
class LocalLimiter:
    """The script's arithmetic within this process, for when Redis is away. Seconds."""

    due: dict[str, float] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)

    def acquire(self, request: PermitRequest, now: float) -> tuple[bool, float]:
        """Whether it may be sent, and after how many seconds; if not, when to ask again."""
        *own, overall = request.rates
        shut = [self.closed.get(key, 0.0) - now for key in request.closed]
        waits = [self._wait(*rate, request.count, now) for rate in own]
        wait = max([0.0, *shut, *waits])
        if wait > 0:
            return False, wait
        wait = self._wait(*overall, request.count, now)
        if wait > request.patience:
            return False, wait
        for key, rate in own:
            self._charge(key, rate, request.count, now + wait)
        self._charge(*overall, request.count, now)
        return True, wait

    def arrived(self, request: PermitRequest, now: float) -> None:
        """What was on its way for long counts from its arrival."""
        for key, rate in request.rates[:-1]:
            self.due[key] = max(self.due.get(key, 0.0), now + request.count * rate.every)

    def tidy(self, now: float) -> None:
        """Forget what has no effect any more."""
        for numbers in (self.due, self.closed):
            if len(numbers) > _REMEMBERED:
                for key in [key for key, at in numbers.items() if at <= now]:
                    del numbers[key]

    def _wait(self, key: str, rate: Rate, count: int, now: float) -> float:
        due = max(self.due.get(key, 0.0), now)
        return max(0.0, due + (min(count, rate.burst) - rate.burst) * rate.every - now)

    def _charge(self, key: str, rate: Rate, count: int, at: float) -> None:
        self.due[key] = max(self.due.get(key, 0.0), at) + count * rate.every
