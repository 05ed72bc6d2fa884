"""Avatars and what is painted with them: portraits, the first ones, samples."""
