"""The bot itself: who it is, and its leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.botapi.records import Call, Chat, Json, refused
from tests.botapi.registry import chat_method, method

if TYPE_CHECKING:
    from tests.botapi.api import BotApi


@method("getMe")
def get_me(api: BotApi, call: Call) -> Json:
    return api.me | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": api.inline_mode,
    }


@method("logOut")
async def log_out(api: BotApi, call: Call) -> bool:
    """Off to a server of one's own: this one knows the bot no more, and forgets its updates."""
    api.logged_out = True
    api.updates.pending.clear()
    await api.delivery.stop()
    return True


@method("close")
def close(api: BotApi, call: Call) -> bool:
    return True


@chat_method("getChat")
def get_chat(api: BotApi, call: Call, chat: Chat) -> Json:
    types = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    gifts = dict.fromkeys((*types, "gifts_from_channels"), False)
    described = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return chat.described() | described


@chat_method("leaveChat")
def leave_chat(api: BotApi, call: Call, chat: Chat) -> bool:
    if chat.type == "private":
        raise refused("chat member status can't be changed in private chats")
    chat.standing = "left"
    return True


@chat_method("sendChatAction")
def send_chat_action(api: BotApi, call: Call, chat: Chat) -> bool:
    return True
