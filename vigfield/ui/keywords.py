"""The sentences for the vault's keys: another passphrase, and help when it is forgotten."""

from vigfield.app import Verdict

DIFFERENT = "The two passphrases are not the same."
STRENGTH_WHY = "How hard it is to guess shows here."
STRENGTH = {
    Verdict.TOO_SHORT: "Too short: 12 characters or more.",
    Verdict.DENIED: "Too well known. Please choose another.",
    Verdict.WEAK: "Easy to guess. Add another word or two.",
    Verdict.FAIR: "Good.",
    Verdict.STRONG: "Strong.",
}

KEYS_TITLE = "Passphrase"
KEYS_WHAT = "Change it if somebody may have seen it. Your films stay as they are sealed."
CHANGE = "Change my passphrase"
OLD = "Passphrase now"
NEW = "New passphrase"
NEW_AGAIN = "New passphrase again"
CHANGE_NOW = "Change it"
CHANGING = "Changing it. This takes a few seconds, on purpose."
CHANGED = "Your passphrase is changed. From now on only the new one opens this vault."
OLD_COPIES = (
    "A copy of this tablet that somebody made earlier still opens with the old passphrase. "
    "If you fear that, tell your service."
)

RECOVERY_TITLE = "If you forget your passphrase"
NOBODY = "Nobody can help: without the passphrase these films cannot be opened again."
SOMEBODY = "The holder of this recovery key can help you to a new passphrase:"
WHAT = (
    "Your service keeps a recovery key in a safe place. With its public half, which you paste here, this "
    "vault can be opened again with the holder's help. The holder cannot open it without your tablet."
)
COMPARE = "Compare this number with your service, aloud. It has to be the same on both sides."
KEY = "Your service's recovery key"
KEY_HINT = "It begins with vigfield-recovery-key-1"
NO_KEY = "This is no recovery key, or a part of it is missing. Please copy it again, all of it."
GIVE = "Let this holder help me"
GIVEN = "The holder of this key can help you from now on."
TAKE_AWAY = "Let nobody help me"
TAKEN = "From now on nobody can help you if you forget your passphrase."
WORKING = "One moment, on purpose."

FORGOTTEN = "I have forgotten my passphrase"
FORGOTTEN_TITLE = "Open it with help"
NO_HELP = (
    "This vault has no recovery key, so nobody can open it without the passphrase. "
    "Nothing is deleted: you can go on trying."
)
SEND = "1. Send this request to the holder of your service's recovery key. It holds no name and no film."
COPY = "Copy the request"
COPIED = "Copied."
CALL = "2. Call them, and compare this number aloud:"
PASTE = "3. Paste the reply here, and choose a new passphrase. Leave this page open until the reply is here."
REPLY = "The reply"
REPLY_HINT = "It begins with vigfield-reply-1"
OPEN = "Open my vault"
BACK = "Back"
NO_REPLY = (
    "This is not the reply to this request: it is torn, older, or for another tablet. "
    "Please copy it again, all of it, or send the request above once more."
)
RECOVERED = "Your vault is open, and has its new passphrase."

HOLDER = {
    "torn": "This is no request from a tablet, or a part of it is missing. Ask for all of it.",
    "number": (
        "The check number is not that of this request. Do not go on: call the practitioner, "
        "and compare it again."
    ),
    "other-key": "This request is for the holder of another recovery key.",
    "file": "The key file cannot be made or read. A file that is there already is never overwritten.",
    "no-key": "The key file holds no whole key.",
}


def made(public: str, number: str) -> str:
    """For the holder, after a pair of keys was made."""
    return (
        f"{public}\n\nThis is the public key: give it to your practitioners. Its number, to be compared "
        f"aloud, is\n{number}\n"
        "Keep the file with the private key where your service keeps what nobody may lose or see."
    )


def compare(number: str) -> str:
    """For the holder, before a request is answered."""
    return (
        f"Call the practitioner on a number that you know, and compare this one aloud: {number}\n"
        f"If it is the same, answer with  --check {number.replace(' ', '')}"
    )
