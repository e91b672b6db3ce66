"""The sentences for the service's own machine: the keys for films, and a film that is opened there."""

TROUBLE = {
    "document": (
        "This is not the record of a sealed film (a DocumentReference of vigfield), or not all of it."
    ),
    "no-key": "The key file holds no whole key for films. Make one with  vigfield video-key",
    "other-key": (
        "This film is not for this key. The record names the key that it is for; take the file of that one."
    ),
    "missing-part": (
        "A part of the film is not among the files, or one of them was changed on the way. The record says "
        "which parts there are, each with its SHA-256. Nothing was written."
    ),
    "damaged": "A part does not open: it is not what the tablet sealed. Nothing was written.",
    "nothing": "There is no picture in this film. Nothing was written.",
    "file": (
        "A file cannot be read, or the film cannot be written. A file that is there already is never "
        "overwritten."
    ),
}


def made(public: str) -> str:
    """For the service, after a pair of keys for films was made."""
    return (
        f"{public}\n\nThis is the public key: put it into the enrolment, as  video.recipient , and under a "
        "name of your choice, as  video.kid .\nKeep the file with the private key where films may be looked "
        "at, and make a copy that nobody may lose: without it no film opens."
    )


def opened(seconds: float, parts: int) -> str:
    """For the service, after a film was opened."""
    minutes, rest = divmod(round(seconds), 60)
    of = "1 part" if parts == 1 else f"{parts} parts"
    return f"The film is written: {minutes} min {rest} s, of {of}. It is not sealed any more."
