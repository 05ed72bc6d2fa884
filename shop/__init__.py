"""The business: users, photos, avatars, portraits, orders, money. Knows nobody above it."""
