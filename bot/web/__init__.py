"""The HTTP side: payments, pages, webhooks, behind limits of its own."""
