"""Photos to a LoRA, beside diffusers' own script: ``python -m benchmarks.training``.

The script is run as it lies in a checkout of diffusers that the benchmark is pointed at; nothing of
it is copied or changed. Both sides get the same base (SDXL's architecture, random weights), the
same pictures, rank, steps, batch, rate and seed, each in a process of its own, by turns. Both LoRAs
are then loaded by diffusers' own loader and asked for the same noise. Writes
docs/benchmarks/training.md.
"""
