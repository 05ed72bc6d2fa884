"""The dialogue: a state machine for every chat platform. No SDK, no SQL and no torch in here."""
