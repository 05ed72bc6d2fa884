"""What a training's checkpoints cost: through the pipe, sealed, into the blob store."""
