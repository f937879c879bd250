from django.contrib import admin

from answering.outbox.hatch import ReadOnlyAdmin
from inquiries.models import Inquiry


@admin.register(Inquiry)
class InquiryAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "client", "kind", "state", "urgency", "contact", "due_at", "answered_at"]
    list_select_related = ["client", "contact"]
    list_filter = ["kind", "state", "urgency"]
    search_fields = ["public_id", "caller_number"]
