"""Pictures: decoding, face detection, segmentation, safety classifiers, the AI label."""
