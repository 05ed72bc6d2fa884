"""The house base: a text-to-portrait model small enough to train and to paint on one CPU core.

Everything that makes `pipeline/bases/mini/` lives in this room; nothing here runs in the
product, which only loads the finished folder through `diffusers.FluxPipeline`.
How it was made and what it can do: `docs/mini-base.md`.
"""
