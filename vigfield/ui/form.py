"""The sample consent form that ships with the app: its version, and each scope in plain words."""

from vigfield.model import FormRef, Scope

FORM = FormRef("vigfield-sample-consent", "1", "en-GB")

CONSENT_INTRO = (
    "Each line is a choice of its own. Saying no to one never closes another, "
    "and a yes can be taken back at any time."
)
SAMPLE_FORM = "Sample form, version 1. Please have your service approve its own."
SCOPES = {
    Scope.FILM_INTERACTION: ("Film us together", "A short film of us, about five minutes long."),
    Scope.FILM_REVIEW: ("Film the shared review", "A film of the talk in which we look at the good moments."),
    Scope.SUPERVISOR: (
        "My practitioner's supervisor may watch",
        "To help my practitioner to work well with us.",
    ),
    Scope.PEER_SUPERVISION: (
        "Other practitioners may watch",
        "In a small group that learns from each other.",
    ),
    Scope.TRAINING: ("Use in training", "To show other people how this work is done."),
    Scope.STILLS: ("Make pictures from the film", "Single pictures of good moments."),
    Scope.SHARE_COPY: ("Give me a copy", "A copy of chosen moments for us to keep."),
    Scope.SEND_VIDEO: ("Send the film to the service", "Otherwise the film never leaves this tablet."),
}
