"""What the dialogue does, one file for each part of the journey. Steps return, they never send."""
