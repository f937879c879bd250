from typing import Any

from django.core.management.base import BaseCommand

from calls.carriers.twilio.doctor import Diagnosis, Verdict
from calls.carriers.twilio.examination import examine

STYLES = {Verdict.OK: "SUCCESS", Verdict.CHANGE: "ERROR", Verdict.UNKNOWN: "WARNING"}
WIDTH = max(len(verdict.value) for verdict in Verdict)


class Command(BaseCommand):
    help = "Check this installation and its Twilio accounts; say what to change. Exit status 1 if anything is."

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = [self._tell(diagnosis) for diagnosis in examine()]
        count = verdicts.count(Verdict.CHANGE)
        self.stdout.write(
            f"{len(verdicts)} checks, {count} to change, {verdicts.count(Verdict.UNKNOWN)} cannot be told."
        )
        if count:
            raise SystemExit(1)

    def _tell(self, diagnosis: Diagnosis) -> Verdict:
        """One line: verdict, what was looked at, what it is now, what to change."""
        style = getattr(self.style, STYLES[diagnosis.verdict])
        told = f"{diagnosis.subject}: {diagnosis.is_now}"
        if diagnosis.remedy:
            told += f" → {diagnosis.remedy}"
        self.stdout.write(f"{style(diagnosis.verdict.value.ljust(WIDTH))}  {told}")
        return diagnosis.verdict
