from django import template

from answering.console.telephone import account_of_call

register = template.Library()
register.filter("account", account_of_call)
