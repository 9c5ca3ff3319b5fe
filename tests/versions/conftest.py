"""PostgreSQL for tests that want it."""

from postgres_server import postgres_address, postgres_server  # noqa: F401
