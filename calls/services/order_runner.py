"""Carries out orders kept as rows: at once by a thread of the process that gave them, or else by the dispatcher.

An order is looked at again just before it is carried out: what the call no longer asks for is outdated. Of a call one
order is under way at a time, whoever carries it out, so that music is not begun after it was to end.
"""

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from answering.lib import clock
from calls.carriers.base import CarrierFault, CarrierRefused
from calls.carriers.registry import carrier_named
from calls.models import Call, CarrierOrder, Order, OrderOutcome
from calls.services.agent_legs import agent_leg_failed
from calls.services.audio import agent_leg, hears_music, leg_of

log = structlog.get_logger(__name__)

# Longer than any carrier takes over one order, all its time-outs together.
LEASE = timedelta(seconds=16)
RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (0.5, 1, 2, 4, 8, 15, 30))
# No telephone call lasts longer.
GIVE_UP_AFTER = timedelta(hours=24)
BATCH = 100
ERROR_LIMIT = 300


def carry_out(call_id: int) -> int:
    """Carry out what is due of a call's orders, one after another; gives their number.

    No transaction is open while the network is spoken to. Nothing while somebody else is at it: they go on.
    """
    number = 0
    while (order := _take(call_id)) is not None:
        _carry_out(order)
        number += 1
    return number


def is_wanted(order: CarrierOrder, call: Call) -> bool:
    """Whether the call still asks for what was ordered."""
    leg = agent_leg(call)
    match order.order:
        case Order.CONNECT_AGENT:
            return not call.is_over and leg is not None and leg.generation == order.generation
        case Order.HANG_UP_AGENT:
            return leg is None or leg.generation != order.generation
        case Order.HOLD:
            return not call.is_over and hears_music(call)
        case Order.RESUME:
            return not call.is_over and not hears_music(call)
        case _:
            return call.is_over


def _take(call_id: int) -> CarrierOrder | None:
    """Lease the first order that is due and wanted; the call's row is locked only for as long as that takes."""
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call_id)
        now = clock.now()
        open_orders = list(CarrierOrder.objects.filter(call=call, outcome=OrderOutcome.DUE).order_by("pk"))
        for order in open_orders:
            if not is_wanted(order, call):
                _finish(order, OrderOutcome.OUTDATED, now)
        wanted = [order for order in open_orders if is_wanted(order, call)]
        # What is outdated keeps nobody waiting, though somebody who was killed may have been at it.
        if any(order.leased_until is not None and order.leased_until > now for order in wanted):
            return None
        for order in wanted:
            if order.next_attempt_at <= now:
                order.call = call
                order.attempts += 1
                order.leased_until = now + LEASE
                order.save(update_fields=["attempts", "leased_until"])
                return order
        return None


def _carry_out(order: CarrierOrder) -> None:
    call = order.call
    leg = replace(leg_of(call), agent_id=order.agent_id, generation=order.generation, is_repeated=order.attempts > 1)
    try:
        getattr(carrier_named(call.carrier), order.order)(leg)
    except CarrierRefused as refusal:
        _note_refusal(order, refusal)
    except CarrierFault as fault:
        _try_later(order, str(fault))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # a worker's loop
        log.exception("order.failed", order=order.pk)
        _try_later(order, type(error).__name__)
    else:
        _finish(order, OrderOutcome.DONE, clock.now())


def _finish(order: CarrierOrder, outcome: OrderOutcome, now: datetime, error: str = "") -> None:
    CarrierOrder.objects.filter(pk=order.pk, outcome=OrderOutcome.DUE).update(
        outcome=outcome, finished_at=now, leased_until=None, last_error=error[:ERROR_LIMIT]
    )


def _note_refusal(order: CarrierOrder, refusal: CarrierRefused) -> None:
    _finish(order, OrderOutcome.REFUSED, clock.now(), str(refusal))
    log.error("order.refused", order=order.order, call=order.call_id, error=str(refusal)[:ERROR_LIMIT])
    if order.order == Order.CONNECT_AGENT:
        agent_leg_failed(order.call_id, generation=order.generation, key=f"order:{order.pk}:refused")


def _try_later(order: CarrierOrder, error: str) -> None:
    now = clock.now()
    if now - order.given_at > GIVE_UP_AFTER:
        _finish(order, OrderOutcome.GIVEN_UP, now, error)
        log.error("order.given_up", order=order.order, call=order.call_id, error=error[:ERROR_LIMIT])
        return
    wait = RETRY_AFTER[min(order.attempts, len(RETRY_AFTER)) - 1]
    CarrierOrder.objects.filter(pk=order.pk, outcome=OrderOutcome.DUE).update(
        next_attempt_at=now + wait, leased_until=None, last_error=error[:ERROR_LIMIT]
    )
    log.warning("order.to_be_repeated", order=order.order, call=order.call_id, error=error[:ERROR_LIMIT])


# -- threads ---------------------------------------------------------------------------------


class OrderThreads:
    """A few threads of this process, each carrying out the orders of one call at a time."""

    THREADS = 3
    LIMIT = 200

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._under_way: set[int] = set()
        self._again: set[int] = set()
        self._pool = ThreadPoolExecutor(self.THREADS, thread_name_prefix="orders")  # starts none before it is used

    def add(self, call_id: int) -> None:
        """Carry out this call's orders soon. Beyond the limit it is left to the dispatcher."""
        with self._lock:
            if call_id in self._under_way:
                self._again.add(call_id)
                return
            if len(self._under_way) >= self.LIMIT:
                return
            self._under_way.add(call_id)
            self._submit(call_id)

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is under way; False when the time-out (seconds) came first."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._under_way, timeout)

    def _submit(self, call_id: int) -> None:
        try:
            self._pool.submit(self._run, call_id).add_done_callback(_log_fault)
        except RuntimeError:  # the interpreter is ending
            self._under_way.discard(call_id)

    def _run(self, call_id: int) -> None:
        try:
            carry_out(call_id)
        finally:
            connection.close()
            with self._lock:
                if call_id in self._again:
                    self._again.discard(call_id)
                    self._submit(call_id)
                else:
                    self._under_way.discard(call_id)
                self._lock.notify_all()


def _log_fault(done: "Future[None]") -> None:
    error = done.exception()
    if error is not None:
        log.warning("order.put_off", error=str(error).strip()[:ERROR_LIMIT])


def carry_out_soon(call_id: int) -> None:
    """Have this call's orders carried out by a thread of this process; returns at once."""
    _threads.add(call_id)


def carry_out_due() -> int:
    """Have all due orders carried out by threads of this process; gives the number of calls. One query."""
    now = clock.now()
    due = CarrierOrder.objects.due(now).exclude(leased_until__gt=now)
    calls = list(due.order_by("next_attempt_at").values_list("call", flat=True)[:BATCH])
    for call_id in dict.fromkeys(calls):
        carry_out_soon(call_id)
    return len(set(calls))


def flush(timeout: float) -> bool:
    """Wait until this process's threads have nothing under way; False if that took longer (seconds)."""
    return _threads.flush(timeout)


def _begin() -> None:
    global _threads  # noqa: PLW0603
    _threads = OrderThreads()


_threads: OrderThreads
_begin()
# A forked child has none of its parent's threads.
os.register_at_fork(after_in_child=_begin)
