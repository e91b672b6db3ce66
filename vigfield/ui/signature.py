"""The signature pad: strokes live here as (x, y, milliseconds), and a canvas shows them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import flet as ft
import flet.canvas as cv

from vigfield import clock
from vigfield.ui import words
from vigfield.ui.hooks import use_kept

Stroke = tuple[tuple[float, float, int], ...]

WIDTH = 600
HEIGHT = 200
_INK = ft.Paint(
    color=ft.Colors.ON_SURFACE,
    stroke_width=2.6,
    stroke_cap=ft.StrokeCap.ROUND,
    stroke_join=ft.StrokeJoin.ROUND,
    style=ft.PaintingStyle.STROKE,
)


@dataclass(slots=True)
class _Pad:
    """What has been drawn: finished strokes with their smooth paths, and the one under the pen."""

    began: float = field(default_factory=clock.monotonic)
    strokes: list[Stroke] = field(default_factory=list)
    paths: list[cv.Shape] = field(default_factory=list)
    pen: list[tuple[float, float, int]] = field(default_factory=list)
    lines: list[cv.Shape] = field(default_factory=list)

    def put(self, x: float, y: float) -> None:
        """The pen touched or moved."""
        if self.pen:
            last = self.pen[-1]
            self.lines.append(cv.Line(last[0], last[1], x, y, paint=_INK))
        self.pen.append((x, y, int((clock.monotonic() - self.began) * 1000)))

    def lift(self) -> bool:
        """The pen was lifted; whether there was a stroke."""
        if not self.pen:
            return False
        self.strokes.append(tuple(self.pen))
        self.paths.append(_path(self.pen))
        self.pen, self.lines = [], []
        return True


def _path(stroke: list[tuple[float, float, int]]) -> cv.Path:
    elements: list[cv.Path.PathElement] = [cv.Path.MoveTo(stroke[0][0], stroke[0][1])]
    if len(stroke) == 1:
        elements.append(cv.Path.LineTo(stroke[0][0] + 0.1, stroke[0][1]))
    for (ax, ay, _), (bx, by, _) in pairwise(stroke):
        elements.append(cv.Path.QuadraticTo(ax, ay, (ax + bx) / 2, (ay + by) / 2))
    return cv.Path(elements, paint=_INK)


def drawing(strokes: tuple[Stroke, ...], width: float) -> ft.Control:
    """A signature that was drawn before, as wide as there is room."""
    scale = min(1.0, width / WIDTH)
    smaller = [[(x * scale, y * scale, ms) for x, y, ms in stroke] for stroke in strokes if stroke]
    paths: list[cv.Shape] = [_path(stroke) for stroke in smaller]
    canvas = cv.Canvas(width=width, height=HEIGHT * scale, shapes=paths)
    return ft.Semantics(label=words.SIGNED_HERE, image=True, container=True, content=canvas)


@ft.component
def SignaturePad(on_change: Callable[[tuple[Stroke, ...]], None], width: float) -> ft.Control:
    """A pad to sign on with finger, pen or mouse; tells every finished stroke. A new key clears it."""
    _, redraw = ft.use_state(0)
    pad = use_kept(_Pad)

    def touched(event: ft.DragDownEvent[ft.GestureDetector]) -> None:
        pad.pen, pad.lines = [], []
        pad.put(event.local_position.x, event.local_position.y)

    def moved(event: ft.DragUpdateEvent[ft.GestureDetector]) -> None:
        pad.put(event.local_position.x, event.local_position.y)
        redraw(lambda n: n + 1)

    def lifted(_: object) -> None:
        if pad.lift():
            redraw(lambda n: n + 1)
            on_change(tuple(pad.strokes))

    surface = ft.Container(
        cv.Canvas(width=width, height=HEIGHT, shapes=[*pad.paths, *pad.lines]),
        width=width,
        height=HEIGHT,
        border=ft.Border.all(1, ft.Colors.OUTLINE),
        border_radius=14,
        bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
        clip_behavior=ft.ClipBehavior.HARD_EDGE,
    )
    return ft.Semantics(
        identifier="signature-pad",
        label=words.SIGN_PAD,
        container=True,
        image=True,
        exclude_semantics=True,
        content=ft.GestureDetector(
            drag_interval=0,
            mouse_cursor=ft.MouseCursor.PRECISE,
            exclude_from_semantics=True,
            on_pan_down=touched,
            on_pan_update=moved,
            on_pan_end=lifted,
            on_pan_cancel=lifted,
            content=surface,
        ),
    )
