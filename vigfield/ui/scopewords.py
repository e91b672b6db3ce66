"""What each scope of a consent is about, in a few plain words; the forms say it in full."""

from vigfield.model import Scope

SCOPES = {
    Scope.FILM_INTERACTION: "Film us together",
    Scope.FILM_REVIEW: "Film the shared review",
    Scope.SUPERVISOR: "My practitioner's supervisor may watch",
    Scope.PEER_SUPERVISION: "Other practitioners may watch",
    Scope.TRAINING: "Use in training",
    Scope.STILLS: "Make pictures from the film",
    Scope.SHARE_COPY: "Give me a copy",
    Scope.SEND_VIDEO: "Send the film to the service",
}
