"""The fine lines of the certificate, drawn by a formula: a woven band round the page and a rosette behind the text.

Both are a handful of paths. Each path is one closed curve of cubic pieces from crest to trough, whose tangents come from
the formula itself: two points to a wave are within a hundredth of the true line, and the document stays small.
"""

from math import cos, pi, sin


def band(width, height, *, inset, radius, amplitude, wave, strands):
    """SVG paths of sine waves that run round a rounded rectangle and cross each other, as a list of `d` values."""
    at, length = _rounded_rectangle(width, height, inset, radius)
    waves = round(length / wave)
    step = length / (waves * 4)
    step = length / waves / 2
    paths = []
    for strand in range(strands):
        lag = 2 * step * strand / strands

        def point(s, lag=lag):
            x, y, nx, ny = at((s + lag) % length)
            swing = amplitude * cos(pi * s / step)
            return x + nx * swing, y + ny * swing

        paths.append(_closed(point, 2 * waves, step))
    return paths


def rosette(radius, *, petals, turns, depth):
    """An SVG path round the origin that wavers between the radius and a part of it, and closes after some turns."""

    def point(angle):
        reach = radius * (1 - depth / 2 + depth / 2 * cos(petals * angle / turns))
        return reach * cos(angle), reach * sin(angle)

    return _closed(point, 2 * petals, pi * turns / petals)


def _closed(point, count, step):
    """The closed curve through `count` places a step apart, in cubic pieces with the curve's own tangents."""
    tiny = step * 1e-4
    knots = []
    for place in (index * step for index in range(count)):
        x, y = point(place)
        (x0, y0), (x1, y1) = point(place - tiny), point(place + tiny)
        reach = step / (2 * tiny) / 3
        knots.append((x, y, (x1 - x0) * reach, (y1 - y0) * reach))
    (x, y, dx, dy), *rest = knots
    pieces = ["M" + _numbers(x, y) + "C" + _numbers(x + dx, y + dy)]
    for u, v, du, dv in [*rest, knots[0]]:
        # "S" mirrors the handle of the piece before: a third fewer numbers to read for each certificate.
        pieces.append(f"{' ' if len(pieces) == 1 else 'S'}{_numbers(u - du, v - dv, u, v)}")
    return "".join(pieces) + "Z"


def _numbers(*values):
    return " ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in values)


def _rounded_rectangle(width, height, inset, radius):
    """A function from the way gone along the outline to the place there and the outward direction, and its length."""
    left, top, right, bottom = inset, inset, width - inset, height - inset
    across, down, bend = right - left - 2 * radius, bottom - top - 2 * radius, pi * radius / 2
    sides = [
        (across, left + radius, top, 1, 0),
        (down, right, top + radius, 0, 1),
        (across, right - radius, bottom, -1, 0),
        (down, left, bottom - radius, 0, -1),
    ]

    def at(s):
        for straight, x, y, dx, dy in sides:
            if s <= straight:
                return x + dx * s, y + dy * s, dy, -dx
            s -= straight
            if s <= bend:
                turn = s / radius
                nx, ny = dy * cos(turn) + dx * sin(turn), -dx * cos(turn) + dy * sin(turn)
                cx, cy = x + dx * straight - dy * radius, y + dy * straight + dx * radius
                return cx + nx * radius, cy + ny * radius, nx, ny
            s -= bend
        return at(0)

    return at, 2 * (across + down) + 4 * bend
