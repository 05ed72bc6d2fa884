"""The HTTP side: health, metrics, payments, pages, webhooks."""
