"""``make demo``: a sample customer's whole journey in the terminal; the processes stay up."""
