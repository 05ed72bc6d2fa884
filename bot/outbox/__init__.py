"""The outbox worker: delivers what transactions have left, and runs the scheduled tasks."""
