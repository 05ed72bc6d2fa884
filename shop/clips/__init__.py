"""Clips: the source, what is decided about it, the work that is owed, and the finished file."""
