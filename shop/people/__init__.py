"""People: where to answer them, what they agreed to."""
