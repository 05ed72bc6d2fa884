"""The worker process: leases jobs, has them done by the engine, books what comes of them."""
