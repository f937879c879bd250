"""Forms of an import: the file, and how it is to be read."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.imports import jobs
from clients.imports.columns import LABELS, MOST_NUMBERS, REPEATED, Column
from clients.imports.encodings import ENCODINGS
from clients.imports.files import SEPARATORS, Layout
from clients.models import ContactImport

SEPARATOR_NAMES = dict(zip(SEPARATORS, (_("comma ,"), _("semicolon ;"), _("tab")), strict=True))
LONGEST_SAMPLE = 40


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,  # said in our own words
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text=_("Up to 50,000 rows and 20 MB. Nothing is changed before you have seen what it would do."),
    )


class CarryOutForm(forms.Form):
    is_all_or_nothing = forms.BooleanField(
        label=_("All or nothing: if one row cannot be imported, none is"), required=False
    )


class LayoutForm(forms.Form):
    """How the file is read; a field for each of its columns, with what stands in it."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    separator = forms.ChoiceField(label=_("Separator"), choices=list(SEPARATOR_NAMES.items()))
    has_header = forms.BooleanField(label=_("The first row names the columns"), required=False)

    def __init__(self, job: ContactImport, data: Any = None) -> None:
        initial = {"encoding": job.encoding, "separator": job.separator, "has_header": job.has_header}
        super().__init__(data, initial=initial)
        self._job = job
        for index, (column, sample) in enumerate(zip(job.columns, samples_of(job), strict=True)):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=sample[0] or _("Column %(number)d") % {"number": index + 1},
                choices=[(each.value, label) for each, label in LABELS.items()],
                required=False,
                initial=column,
                help_text=sample[1],
            )

    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column-{index}"] for index in range(len(self._job.columns))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = self._chosen(cleaned)
        for column in set(chosen) - REPEATED:
            if chosen.count(column) > 1:
                raise forms.ValidationError(
                    _("“%(column)s” is chosen for two columns. Choose it for one."), params={"column": LABELS[column]}
                )
        if max(chosen.count(Column.NUMBER), chosen.count(Column.LABEL)) > MOST_NUMBERS:
            raise forms.ValidationError(
                _("A contact has up to %(number)d numbers. Choose fewer columns for them."),
                params={"number": MOST_NUMBERS},
            )
        return cleaned

    def layout(self) -> Layout:
        """As the person says. With another encoding or separator the columns are others: they are recognised anew."""
        encoding, separator = self.cleaned_data["encoding"], self.cleaned_data["separator"]
        if (encoding, separator) != (self._job.encoding, self._job.separator):
            return jobs.layout_in(self._job, encoding, separator)
        return Layout(encoding, separator, self.cleaned_data["has_header"], tuple(self._chosen(self.cleaned_data)))

    def _chosen(self, cleaned: dict[str, Any]) -> list[Column]:
        return [Column(cleaned.get(f"column-{index}", "")) for index in range(len(self._job.columns))]


def samples_of(job: ContactImport) -> list[tuple[str, str]]:
    """For each column what heads it, and what stands in it first, each cut to what a label may hold."""
    rows = jobs.sample_of(job)
    width = len(job.columns)
    head = _cut(rows[0], width) if rows and job.has_header else [""] * width
    body = rows[1:] if job.has_header else rows
    cells = [_cut(row, width) for row in body[:20]]
    firsts = [next((row[index] for row in cells if row[index]), "") for index in range(width)]
    return list(zip(head, firsts, strict=True))


def _cut(row: Sequence[str], width: int) -> list[str]:
    padded = [*row, *[""] * width][:width]
    return [cell.strip()[:LONGEST_SAMPLE] for cell in padded]
