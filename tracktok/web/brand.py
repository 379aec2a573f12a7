"""A tenant's colour as the accent of its pages: moved lighter or darker until it can be read in both themes."""

from __future__ import annotations

import colorsys
import re

_HEX = re.compile(r"[0-9a-fA-F]{6}")
ENOUGH = 4.5  # WCAG 2.2 AA, text of normal size

Colour = tuple[float, float, float]


def _parse(text: str) -> Colour:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _write(colour: Colour) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def luminance(colour: Colour) -> float:
    """The relative luminance by WCAG, 0 to 1."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _moved(colour: Colour, step: float) -> Colour:
    hue, light, saturation = colorsys.rgb_to_hls(*colour)
    return colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light + step)), saturation)


def readable_on(colour: Colour, ground: Colour) -> Colour:
    """The colour, made darker (on a light ground) or lighter until text in it can be read there."""
    step = -0.02 if luminance(ground) > 0.5 else 0.02
    while contrast(colour, ground) < ENOUGH:
        colour = _moved(colour, step)
    return colour


def _theme(selector: str, colour: Colour, ground: Colour, hover: float) -> str:
    accent = readable_on(colour, ground)
    white, ink = (1.0, 1.0, 1.0), _parse("10131f")
    on_accent = white if contrast(accent, white) >= contrast(accent, ink) else ink
    text = _write(accent)
    return (
        f"{selector} {{ --tt-accent: {text}; --tt-accent-text: {text}; --tt-focus: {text}; "
        f"--tt-accent-hover: {_write(_moved(accent, hover))}; --tt-on-accent: {_write(on_accent)}; "
        f"--tt-accent-soft: color-mix(in srgb, {text} 12%, var(--tt-surface)); }}"
    )


def accent_sheet(accent: str) -> str | None:
    """The style sheet of an accent colour given as six hexadecimal digits; None for anything else."""
    if not _HEX.fullmatch(accent):
        return None
    colour = _parse(accent)
    # The soft ground of a selected entry takes some of the accent, so leave room for it.
    light = _theme(':root, [data-bs-theme="light"]', colour, _parse("e4e6ea"), -0.07)
    dark = _theme('[data-bs-theme="dark"]', colour, _parse("2a2f3d"), 0.07)
    return f"{light}\n{dark}\n"
