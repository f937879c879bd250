"""What a script can do about a request: both are written down in the message form."""

from django.utils.translation import gettext_lazy as _

from clients.scripts import ScriptAction, register_action

register_action(ScriptAction("message", _("Take a message"), command="write", key="m"))
register_action(ScriptAction("call_back", _("Promise a call-back"), command="write", key="m"))
