"""Pictures: decoding, faces, segmentation, decency, the AI label."""
