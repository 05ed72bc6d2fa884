"""Pages that a chat leads to: each opens by a signed link, and for one person alone."""
