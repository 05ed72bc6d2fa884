"""The engine port, and the wire to the torch process behind it."""
