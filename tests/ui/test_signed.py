"""A consent that is not what was signed: its page says so, and so does the look at the tablet."""

from pathlib import Path

import pytest

from tests.app.kit import Tablet
from tests.ui.fake import Tab
from tests.ui.test_forms import at
from vigfield.store import Tx
from vigfield.ui import consentwords, doctorwords, places


async def forge(one: Tablet, change: str) -> None:
    """As somebody with the passphrase and a database tool would."""

    def write(tx: Tx) -> None:
        tx.execute("DROP TRIGGER consent_is_never_changed")
        tx.execute(change)

    await one.work.consenting._store.run(write)


@pytest.mark.parametrize("change", ["", "UPDATE consent SET agreed = '[\"training\"]'"])
def test_a_consent_says_whether_it_is_what_was_signed(tmp_path: Path, change: str) -> None:
    async def act(one: Tablet, first: Tab) -> None:
        if change:
            await forge(one, change)
        first.desk.go(places.AgreedPlace(one.consent.id, one.family.id))
        await first.until("agreed-facts")
        assert first.has("agreed-altered") is bool(change)
        assert (consentwords.AS_SIGNED in first.texts()) is not bool(change)
        assert first.has("take-back"), "it can be taken back all the same"
        first.desk.go(places.Settings())
        await first.until("tablet-health")
        while doctorwords.LOOKING in first.texts():
            await first.settle()
        assert first.has("tablet-consents") is bool(change)

    at(tmp_path, lambda _: places.Today(), act)
