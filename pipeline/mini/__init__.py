"""Training of the embedded base `mini`, a text-to-portrait model small enough for one CPU core.

Everything that makes `pipeline/bases/mini/` is in this package; nothing here runs in the
product, which only loads the finished folder through `diffusers.FluxPipeline`.
How it was made and what it can do: `docs/mini-base.md`.
"""
