"""People in front of the chat, what they hear, and the channel that brings it to them."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.outbound import Unreachable
from handlers.chat import Button, Invoice, Marks, Reply, Say, Show, ShowClip
from shop.records import ChannelName


@dataclass
class Guest:
    """A person in front of the chat, and everything they heard."""

    name: str
    tag: str = "en"
    platform: ChannelName | None = None  # None: the harness's own
    heard: list[Reply] = field(default_factory=list)
    all_heard: list[Reply] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def hear(self, reply: Reply) -> None:
        self.heard.append(reply)
        self.all_heard.append(reply)
        self.lines += [f"    {line}" for line in drawn(reply).splitlines()]
        self.lines.append("")

    @property
    def text(self) -> str:
        return "\n".join(drawn(reply) for reply in self.heard)

    def button(self, label: str) -> str:
        """The action of the newest button that has this label (its price may be left out), or is
        this action, or begins with it (``erase:yes-``: a yes names what it is about)."""
        for reply in reversed(self.all_heard):
            for button in buttons(reply):
                begins = label.endswith("-") and button.action.startswith(label)
                unpriced = button.label.partition(" · ")[0]
                if begins or label in (button.label, unpriced, button.action):
                    return button.action
        raise AssertionError(f"{self.name} never saw a button {label!r}")


@dataclass
class FakeOutbound:
    """A :class:`bot.outbound.Outbound` whose replies are heard by guests; each key once. Who is
    ``gone`` has blocked it."""

    guests: dict[str, Guest]
    gone: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        if chat in self.gone:
            raise Unreachable
        if key and key in self.keys:
            return
        self.keys.add(key)
        if chat in self.guests:
            self.guests[chat].hear(reply)

    async def forget(self, chat: str, before: datetime) -> None:
        """Guests keep their transcripts: tests read them."""


def buttons(reply: Reply) -> list[Button]:
    return [button for row in reply.buttons for button in row]


def drawn(reply: Reply) -> str:
    """A reply as a reader sees it."""
    rows = "\n".join(" ".join(f"[{one.label}]" for one in row) for row in reply.buttons)
    match reply:
        case Say():
            bar = "" if reply.share is None else f"\n({reply.share:.0%})"
            body = reply.text + bar
        case Show():
            body = f"({len(reply.pictures)} pictures)\n{reply.caption}"
        case ShowClip():
            body = f"(clip of {reply.clip.seconds:g} s)\n{reply.caption}"
        case Invoice():
            body = f"(bill: {reply.title})\n{reply.text}\n{reply.pay_url}"
        case Marks():
            body = ""
    return f"{body}\n{rows}" if rows else body
