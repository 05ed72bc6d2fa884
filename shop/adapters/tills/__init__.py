"""Tills: payment providers behind :class:`shop.ports.Till`."""
