"""Photo uploads: sanitised, checked for quality, kept until the training has ended."""
