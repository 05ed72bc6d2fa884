"""Eight customers at once, beside one by one: ``python -m benchmarks.together``."""
