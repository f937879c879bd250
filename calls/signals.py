"""Sent after commit with ids only; whoever must not miss one also pulls (DESIGN §2)."""

from django.dispatch import Signal

call_changed = Signal()  # call_id
call_ended = Signal()  # call_id
call_closed = Signal()  # call_id
caller_identified = Signal()  # call_id
orders_given = Signal()  # call_id; orders that are kept await being carried out
text_received = Signal()  # text_id
