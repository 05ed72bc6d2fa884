"""Support: what customers and the people of the studio write to each other."""
