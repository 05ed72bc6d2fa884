"""The dialogue: platform-neutral. No SDK, no SQL, no torch in this room."""
