"""Adapters: implementations of the shop's ports. Imported by composition roots and tests alone."""
