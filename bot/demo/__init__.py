"""``make demo``: a sample customer's whole journey in the terminal, in a house that stays up."""
