"""A WeChat Pay v3 gateway of our own, for tests: see README.md."""
