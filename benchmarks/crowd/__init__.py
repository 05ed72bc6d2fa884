"""A made crowd in Telegram and WeChat, in a house as an operator runs it, in which things break."""
