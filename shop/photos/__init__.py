"""Uploads: sanitised, judged, kept until the training has ended."""
