"""Settings: lock, what is left on the tablet, the policy, and what this is."""

import flet as ft

from vigfield import __version__
from vigfield.ui import doorwords, parts, servicewords, words
from vigfield.ui.hooks import boundary, use_desk
from vigfield.ui.screens.erase import way_to_certificates
from vigfield.ui.screens.keys import way_to_keys
from vigfield.ui.screens.picture import PictureCard
from vigfield.ui.screens.practitioner import PractitionerCard
from vigfield.ui.screens.service import policy_card
from vigfield.ui.screens.tablet import TabletCard


@ft.component
@boundary
def SettingsScreen() -> ft.Control:
    """The few things that are not work."""
    desk = use_desk()
    room = words.minutes_left(desk.work.filming.minutes_left())
    return parts.page(
        parts.heading(words.SETTINGS),
        parts.card(
            *([parts.strong(doorwords.this(desk.app.vault, desk.app.entries))] if desk.app.shared else []),
            parts.quiet(servicewords.locks(desk.work.enrolling.inforce.policy)),
            parts.row(
                parts.primary(
                    "lock-now", words.LOCK_NOW, lambda: desk.spawn(desk.app.lock()), icon=ft.Icons.LOCK
                )
            ),
        ),
        parts.card(*way_to_keys(desk)),
        PractitionerCard(),
        PictureCard(),
        parts.card(parts.title(words.STORAGE), parts.quiet(room), way_to_certificates(desk)),
        policy_card(desk),
        parts.card(parts.title(words.ABOUT), parts.quiet(words.ABOUT_WHAT.format(version=__version__))),
        TabletCard(),
    )
