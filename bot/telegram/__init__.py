"""Telegram: its updates become Incoming, replies become Bot API calls. The SDK stays in here."""
