"""Errors of the runtime; each message is one that the person at the terminal can act on."""


class StartError(Exception):
    """Something on this machine keeps Alio from starting; the message says what to do."""
