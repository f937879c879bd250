from itertools import count
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.models import UsageRecord
from billing.services import unpriced_calls, unrated_calls
from billing.verification import find_differences

PROGRESS_EVERY = 1000
SHOWN = 20


class Command(BaseCommand):
    help = "Price every call again from its ledger and compare with what was recorded; exit 1 on any difference."

    def handle(self, *args: Any, **options: Any) -> None:
        self.total, self.done = UsageRecord.objects.in_force().count(), count(1)
        wrong = find_differences(on_checked=self._show_progress)
        for difference in wrong:
            self.stderr.write(f"call {difference.record.call.public_id}: {difference.reason}")
        self._report_unpriced()
        self.stdout.write(f"{self.total} records checked, {len(wrong)} differ.")
        if wrong:
            raise CommandError("The bill cannot be replayed.")

    def _show_progress(self) -> None:
        done = next(self.done)
        if self.stderr.isatty() and (done % PROGRESS_EVERY == 0 or done == self.total):
            self.stderr.write(f"\r{done} of {self.total}", ending="\n" if done == self.total else "")

    def _report_unpriced(self) -> None:
        """Closed calls without a price, and why: no tariff, or the workers have not come to them."""
        waiting, all_unpriced = unrated_calls().count(), unpriced_calls().count()
        if all_unpriced:
            self.stdout.write(
                f"{all_unpriced} closed calls are not priced: {all_unpriced - waiting} of clients without a tariff "
                f"in force then, {waiting} wait for a worker or have a tariff that cannot price them."
            )
        for call in unpriced_calls()[:SHOWN]:
            self.stdout.write(f"  call {call.public_id}")
