"""Clips of the embedded animator, measured: see ``__main__``."""
