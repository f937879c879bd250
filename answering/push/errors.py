class PushError(Exception):
    """Root of what can go wrong between a page and its event stream."""


class TicketInvalid(PushError):
    """The ticket was not made by us, or not for this."""


class TicketExpired(PushError):
    """The ticket is ours, but its time is over: the page fetches a new one."""
