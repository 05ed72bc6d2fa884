"""Another customer's LoRA on a warm base, beside diffusers' ways: ``python -m benchmarks.swap``."""
