"""Clips as files: frames to a labelled MP4 with its poster and preview, and back.

The one room that knows PyAV. It opens files of our own making alone: a stranger's labels are read
by `pipeline/decoding`, without a decoder of films.
"""
