"""Minutes of the day as a clock shows them."""

from django import template

from clients.models.calendars import clock_face

register = template.Library()
register.filter("clock_face", clock_face)
