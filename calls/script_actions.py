"""What a script can do with the call itself."""

from django.utils.translation import gettext_lazy as _

from clients.scripts import ScriptAction, register_action

register_action(ScriptAction("end", _("End the call"), command="end", key="e", ends=True))
