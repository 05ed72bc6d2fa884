"""Photos to a LoRA, beside diffusers' own script: ``python -m benchmarks.training``.

The script is run as it lies in a checkout of diffusers that the benchmark is pointed at; nothing of
it is copied or changed. Both sides get the same base (SDXL's architecture, or with ``--network
z-image`` Z-Image's; random weights), the same pictures, rank, steps, batch, rate and seed, each in
a process of its own, alternately. Both LoRAs are then loaded by diffusers' own loader and asked for
the same noise or velocity. Writes docs/benchmarks/training.md or training-z-image.md beside it.

To add a network, write a `network.Network` and name it in `__main__.NETWORKS`.
"""
