"""Which parts of the service are alive, and when they were last away. Rows, so that every process sees them."""
