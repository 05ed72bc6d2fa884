"""Base models: recipes, weights and their hashes, compilation, memory."""
