"""What the sandbox costs an honest photo, and what it spares everybody from."""
