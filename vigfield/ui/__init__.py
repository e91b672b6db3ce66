"""The screens: functions of the app's state, each handler calling one of its verbs."""

from vigfield.ui import pagewords, words
from vigfield.ui.host import Host

__all__ = ["Host", "pagewords", "words"]
