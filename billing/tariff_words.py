"""A tariff in words and figures, so that a client can compare two versions."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from babel.dates import get_day_names, get_month_names
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from answering.accounts.templatetags.formats import duration, money, rate
from billing.call_tariff import CallTariff, Slot, Step
from billing.models import TariffVersion
from billing.tariff_data import time_as_text
from clients.announcement_text import Change


def describe_change(old: TariffVersion, new: TariffVersion, currency: str) -> list[Change]:
    """What is another in `new`, in the language in force; empty when nothing is.

    A figure that stands in one of them only has an empty side.
    """
    before, after = figures_of(old, currency), figures_of(new, currency)
    labels = [*before, *(label for label in after if label not in before)]
    changes = [Change(label, before.get(label, ""), after.get(label, "")) for label in labels]
    changes = [change for change in changes if change.old != change.new]
    if not changes and old.call_tariff() != new.call_tariff():
        return [Change(_("Times of the rates"), _("as before"), _("another order where two rates meet"))]
    return changes


def figures_of(version: TariffVersion, currency: str) -> dict[str, str]:
    """Each figure of the tariff by its name, in the language in force."""
    tariff = version.call_tariff()
    figures: dict[str, str] = {}
    for label, figure in _slots(tariff, currency):
        figures.setdefault(label, figure)  # of two slots at the same times the one with less weight never holds
    figures.setdefault(_("Cap on a call"), _cap(tariff.max_cost, currency))
    figures[_("Time on hold")] = _billed(version.bills_hold)
    figures[_("Time of a transfer")] = _billed(version.bills_transfer)
    figures[_("Wrap-up after a call")] = _wrap_up(version.wrap_up_seconds_billed_at_most)
    return figures


def _slots(tariff: CallTariff, currency: str) -> Iterator[tuple[str, str]]:
    for slot in sorted(tariff.slots, key=lambda slot: (-slot.weight, slot.start_s)):
        when = slot_name(tariff, slot)
        yield _named(_("Call time"), when), "; ".join(_step(step, currency) for step in slot.steps)
        if slot.connect_fee or tariff.is_flat:
            yield _named(_("Connection fee"), when), money(slot.connect_fee, currency)
        if slot.max_cost is not None:
            yield _named(_("Cap on a call"), when), money(slot.max_cost, currency)


def slot_name(tariff: CallTariff, slot: Slot) -> str:
    """When the slot holds: "Mon, Tue from 08:00"; empty for the only one of a flat tariff."""
    return "" if tariff.is_flat else _when(slot)


def _named(name: str, when: str) -> str:
    return f"{name}, {when}" if when else name


def _step(step: Step, currency: str) -> str:
    """0.90 €/60 s in steps of 30 s; from 5:00 on: 0.45 €/60 s."""
    unit = "s" if step.unit_s == 1 else f"{step.unit_s} s"
    price = f"{rate(step.rate, currency)}/{unit}"
    if step.increment_s != 1:
        price = _("%(product)s, in steps of %(seconds)s s") % {"product": price, "seconds": step.increment_s}
    if step.from_s:
        return _("from %(time)s on %(price)s") % {"time": duration(step.from_s), "price": price}
    return price


def _when(slot: Slot) -> str:
    """Mon–Fri from 08:00; "all days" without any limit."""
    locale = (get_language() or "en").split("-")[0]
    days = get_day_names("abbreviated", locale=locale)
    months = get_month_names("abbreviated", "stand-alone", locale=locale)
    named = [
        _spans(slot.weekdays, lambda day: str(days[day - 1])),
        _spans(slot.months, lambda month: str(months[month])),
        _spans(slot.month_days, lambda day: f"{day}."),
    ]
    which = ", ".join(filter(None, named)) or _("all days")
    return _("%(days)s from %(time)s") % {"days": which, "time": time_as_text(slot.start_s)[:5]}


def _spans(numbers: Iterable[int], name: Callable[[int], str]) -> str:
    """1, 2, 3, 5 as Mon–Wed, Fri."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][-1] == number - 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(name(span[0]) if len(span) == 1 else f"{name(span[0])}–{name(span[-1])}" for span in spans)


def _cap(cap: Decimal | None, currency: str) -> str:
    return _("none") if cap is None else money(cap, currency)


def _billed(is_billed: bool) -> str:
    return _("charged as call time") if is_billed else _("free of charge")


def _wrap_up(seconds: int) -> str:
    if not seconds:
        return _("free of charge")
    said = ngettext("at most %(counter)d second charged", "at most %(counter)d seconds charged", seconds)
    return said % {"counter": seconds}
