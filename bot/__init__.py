"""The chat side: platform adapters, the courier, and the composition root that wires them."""
