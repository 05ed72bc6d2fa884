"""A simulated day: the studio's own policy and forecast, on a trace of 10,000 jobs."""
