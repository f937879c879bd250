"""The carriers that there are; imported once the models are loaded."""

from calls.carriers.browser.carrier import BrowserCarrier
from calls.carriers.registry import register_carrier

register_carrier(BrowserCarrier())
