"""Django's PostgreSQL, but that a thread need not wait for an answer longer than it wants to."""
