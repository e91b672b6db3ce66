"""What is written down when somebody comes in or goes out."""

import logging

from vigfield import clock
from vigfield.app.keys import VAULT
from vigfield.app.opened import Opened
from vigfield.errors import VigfieldError
from vigfield.store import audit
from vigfield.store.audit import Happening

logger = logging.getLogger(__name__)


async def tell(opened: Opened | None, kind: Happening) -> None:
    """Write down that the vault was opened or locked; a full disk keeps it neither open nor shut."""
    if opened is None:
        return
    try:
        await opened.store.run(lambda tx: audit.append(tx, clock.now(), kind, VAULT))
    except VigfieldError as error:
        logger.warning("%s was not written down: %s", kind, type(error).__name__)
