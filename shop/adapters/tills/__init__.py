"""Ways to be paid, each behind :class:`shop.ports.Till`."""
