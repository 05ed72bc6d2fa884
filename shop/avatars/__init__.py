"""Avatars (a person's LoRA) and what is painted with them: portraits, samples."""
