from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.models import UsageRecord
from billing.services import find_differences, unrated_calls


class Command(BaseCommand):
    help = "Price every call again from its ledger and compare with what was recorded; exit 1 on any difference."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = find_differences()
        for record, price in wrong:
            self.stderr.write(f"call {record.call.public_id}: recorded {record.exact_amount}, computed {price.exact}")
        unrated = unrated_calls().count()
        self.stdout.write(f"{UsageRecord.objects.count()} records checked, {len(wrong)} differ, {unrated} calls not priced yet.")
        if wrong:
            raise CommandError("The bill cannot be replayed.")
