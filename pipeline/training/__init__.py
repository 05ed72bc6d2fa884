"""Training: from uploads to a LoRA, of one customer or of several in one batch."""
