"""A worker's cold start, phase by phase: ``python -m benchmarks.cold``."""
