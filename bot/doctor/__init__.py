"""``python -m bot doctor``: what is wrong with a house, in words. It changes nothing."""
