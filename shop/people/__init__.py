"""Users: their chat address and language, and their consents."""
