"""A tablet that uploads until it is killed: `python -m tests.sync.upload_child BASE FILM JOURNAL CHUNK`."""

import asyncio
import sys
from pathlib import Path

from tests.sync.uploads import QUICK, TOKEN, Kept, sealed_file
from vigfield.sync.line import Line
from vigfield.sync.tus import LIMITS, Tus
from vigfield.sync.upload import upload


async def main(base: str, film: Path, journal: Kept, chunk: int) -> None:
    async with Line(LIMITS) as line:
        tus, file = Tus(line, base, TOKEN), sealed_file(film)
        print(await upload(tus, file, journal.location, journal, chunk=chunk, pauses=QUICK), flush=True)


if __name__ == "__main__":
    here = sys.argv[1:]
    asyncio.run(main(here[0], Path(here[1]), Kept.open(Path(here[2])), int(here[3])))
