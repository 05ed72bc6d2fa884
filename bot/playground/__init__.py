"""A chat in the browser: the page, its transport over Redis, and the client that drives it."""
