"""The steps (handlers) of the dialogue, a file for each part of the journey."""
