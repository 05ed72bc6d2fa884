"""The outside world behind the shop's ports. Imported by the composition roots and tests alone."""
