"""What goes on beside the screens: tasks that nobody waits for, kept until they are done."""

import asyncio
import logging
from collections.abc import Coroutine

logger = logging.getLogger(__name__)


class Errands(set[asyncio.Task[object]]):
    """The tasks that are not done. One that fails is logged, and nothing else comes of it."""

    def start(self, work: Coroutine[object, object, object]) -> None:
        """Begin this on the loop."""
        task = asyncio.create_task(work)
        self.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[object]) -> None:
        self.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task failed: %s", type(error).__name__)
