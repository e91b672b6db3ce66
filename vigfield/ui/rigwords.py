"""The sentences of the picture that films are made with."""

from vigfield.app import Picture

PICTURE = "Picture"
PICTURE_LABEL = "How fine the picture of new films is"
PICTURES = {
    Picture.STANDARD: "Standard: 1280 by 720",
    Picture.FINE: "Fine: 1920 by 1080",
}
PICTURE_ROOM = (
    "A fine picture shows more of a small face. It takes about three times the room on this tablet, "
    "and needs a strong one: if frames go missing, choose standard."
)
NOT_KEPT = "The picture was not changed. Please try again."
