"""Whether each look that is sold can be told from a plain portrait, and what beauty does."""
