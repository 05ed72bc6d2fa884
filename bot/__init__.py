"""The chat side: channels, the outbox worker, the web side, and the composition root that wires
them."""
