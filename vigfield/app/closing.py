"""What is known of a part once its file is closed, and the index beside it: a help, never a need."""

import logging
from dataclasses import replace

from vigfield.app.opened import Opened, index_context
from vigfield.errors import VigfieldError
from vigfield.loopback import mp4
from vigfield.model import Part, RecordingState
from vigfield.seal import Key, Reader, Sealed, seal_file

logger = logging.getLogger(__name__)


def described(part: Part, state: RecordingState, sealed: Sealed, index: mp4.Index) -> Part:
    """The part with the facts of its closed file; without a single sample it is empty, whatever its state."""
    return replace(
        part,
        state=state if index.seconds else RecordingState.EMPTY,
        bytes=sealed.bytes,
        sealed_bytes=sealed.sealed_bytes,
        sha256=sealed.sha256,
        seconds=index.seconds,
        frames=index.frames,
    )


def keep_index(opened: Opened, part: Part, key: Key, index: mp4.Index) -> None:
    """Keep the index beside its part. Blocking. A failure costs a scan when the film is played, no more."""
    path = opened.media.index_path(part.recording, part.number)
    try:
        seal_file(path, key, index_context(part.recording, part.number), index.encode())
    except VigfieldError as error:
        logger.warning("an index was not kept: %s", type(error).__name__)


def load_index(opened: Opened, part: Part, key: Key, film: Reader) -> mp4.Index:
    """The kept index, or what a scan of the film finds. Blocking; errors.Damaged from the film alone."""
    path = opened.media.index_path(part.recording, part.number)
    try:
        with Reader.open(path, key, index_context(part.recording, part.number)) as reader:
            index = mp4.Index.decode(reader.read(0, reader.size))
    except VigfieldError as error:
        logger.info("an index is made anew: %s", type(error).__name__)
        return mp4.scan(film.read, film.size)
    return index if index.length <= film.size else mp4.scan(film.read, film.size)
