"""QR codes, drawn as SVG."""


def svg(address: str) -> str:
    """The QR code of this address as an SVG element with its quiet zone, error correction M or better."""
    import segno

    code = segno.make_qr(address, error="m")
    return code.svg_inline(border=4, omitsize=True, dark="#1d2433", svgclass=None, lineclass=None)
