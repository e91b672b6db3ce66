"""A process that films until it is killed: `python -m tests.app.child FOLDER`.

Says `acknowledged <fragments>` on standard output after each acknowledgement, as the intake would.
"""

import asyncio
import sys
from pathlib import Path

from tests.app.kit import CHEAP, film, tablet
from vigfield.app import door

FRAMES = 40


async def main(folder: Path) -> None:
    async with tablet(folder) as one:
        begun = await one.begin()
        head, fragments = film(FRAMES)
        for number, message in enumerate((head, *fragments)):
            begun.write([message])
            print("acknowledged", number, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    door.calibrate = lambda: CHEAP
    asyncio.run(main(Path(sys.argv[1])))
