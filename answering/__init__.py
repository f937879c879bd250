"""Alio: an answering service's own packages; the client-facing apps stand beside it."""
