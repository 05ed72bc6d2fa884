"""What labels that can be checked cost."""
