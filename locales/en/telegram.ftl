# Said in Telegram alone.
telegram-private-only = I only work in private chats, so that nobody else sees your portraits. Write to me directly and we can begin.
