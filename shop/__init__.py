"""The business: users, consent, photos, avatars, portraits, orders, money. Knows nobody above it."""
