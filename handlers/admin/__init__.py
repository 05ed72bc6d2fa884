"""Admin commands: what the operators of the studio can do from a chat. The shop audits each one.

To anybody else these commands are unknown words, answered as any other: a stranger learns nothing.

A new command is an entry of :data:`handlers.admin.commands.COMMANDS`, its rule in
:mod:`shop.admin_actions`, and its messages ``admin-command-...`` and ``admin-usage-...``.
"""

from dataclasses import dataclass

from handlers.admin.commands import BUTTONS, COMMANDS, AdminCommand
from handlers.context import Outcome, RequestContext, reply
from handlers.steps import consequences
from shop.people import users

__all__ = ["BUTTONS", "COMMANDS", "AdminRequest", "allowed", "read_button", "read_command", "run"]


@dataclass(frozen=True, slots=True)
class AdminRequest:
    """A command and its arguments, as typed or pressed by an admin."""

    command: AdminCommand
    arguments: tuple[str, ...]


def allowed(ctx: RequestContext) -> bool:
    """Whether the person is one of the setting's admins."""
    return users.admin_name(ctx.user) in ctx.deps.settings.admins


def read_command(text: str) -> AdminRequest | None:
    """An admin's command; None for anything else, such as an admin's own /erase."""
    first, *arguments = text.split() or [""]
    name = first.removeprefix("/").partition("@")[0].lower()
    if not first.startswith("/") or name not in COMMANDS:
        return None
    if name == "erase" and not arguments:
        return None
    command = COMMANDS[name]
    if command.free:
        arguments = text.split(maxsplit=len(command.arguments))[1:]
        arguments = [one.strip() for one in arguments]
    return AdminRequest(command, tuple(arguments))


def read_button(text: str) -> AdminRequest | None:
    """One of :data:`BUTTONS`, pressed; None for anything else."""
    name, _, argument = text.partition(":")
    return AdminRequest(BUTTONS[name], (argument,)) if name in BUTTONS and argument else None


async def run(ctx: RequestContext, request: AdminRequest) -> Outcome:
    """Run the command, or say how it is written. The state stays."""
    command = request.command
    if not command.takes(request.arguments):
        return reply(ctx.say(command.usage_key), state=ctx.state)
    replies = await command.run(ctx, users.admin_name(ctx.user), request.arguments)
    if command.erases and not callable(replies):
        return Outcome(tuple(replies), ctx.state, after_commit=consequences.scrub(ctx))
    if callable(replies):
        return Outcome((), ctx.state, after_commit=replies)
    return reply(*replies, state=ctx.state)
