from django.forms import Form
from django.http import JsonResponse

from calls.models import Call


def call_answer(call: Call) -> JsonResponse:
    """What the page needs to know of a call at once; the rest it reads from the board."""
    return JsonResponse({"call": str(call.public_id), "state": call.state, "generation": call.generation})


def invalid(form: Form) -> JsonResponse:
    """What is wrong with the fields, for the person who filled them in."""
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    first = next(iter(errors.values()))[0]
    return JsonResponse({"error": first, "errors": errors, "reason": "Invalid"}, status=422)
