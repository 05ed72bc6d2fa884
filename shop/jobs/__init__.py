"""Jobs: owed, scheduled, leased, estimated; and the outbox, by which anything happens after a
commit."""
