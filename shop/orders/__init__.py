"""Orders: purchases and their payments, and the comparison with each till's own statement."""
