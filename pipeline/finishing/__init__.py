"""Finishing: what is done to a painted picture before its label. Beauty, then the look's grade.

In linear light, deterministic, and honest to skin: neither step makes it lighter by itself.
"""
