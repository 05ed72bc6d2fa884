"""What the chat side keeps in Redis: sessions, locks, message ids."""
