"""Check the colour tokens: contrast of every pair in use (WCAG 2), and the confidence fills for colour-blind readers.

Run: ``python tools/contrast.py``. Exit code 1 where a pair falls below its limit.
"""

import re
import sys
from itertools import pairwise
from pathlib import Path

TOKENS = Path(__file__).resolve().parent.parent / "frontend/styles/tokens.css"
STATES = ["g", "ag", "a", "ar", "r"]

# (in front, behind): text needs 4.5, what only has to be seen needs 3.
TEXT = [
    ("text", "surface"), ("text", "canvas"), ("text", "sunken"), ("text", "accent-soft"), ("text", "asof-soft"),
    ("text", "a-soft"), ("text", "r-soft"), ("text", "g-soft"),
    ("text-2", "surface"), ("text-2", "canvas"), ("text-2", "sunken"), ("text-2", "accent-soft"), ("text-2", "a-soft"),
    ("text-2", "r-soft"), ("text-2", "asof-soft"),
    ("text-3", "surface"), ("text-3", "canvas"), ("text-3", "sunken"), ("text-3", "accent-soft"), ("text-3", "a-soft"),
    ("accent-text", "surface"), ("accent-text", "canvas"), ("accent-text", "accent-soft"), ("accent-text", "asof-soft"),
    ("accent-text", "a-soft"), ("accent-text", "r-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-hover"),
    ("g", "surface"), ("ag", "surface"), ("a", "surface"), ("ar", "surface"), ("r", "surface"),
    ("a", "canvas"), ("r", "canvas"), ("g", "canvas"), ("g", "g-soft"), ("a", "a-soft"), ("r", "r-soft"),
    ("asof", "asof-soft"), ("surface", "text"),
    *[(f"on-f-{state}", f"f-{state}") for state in STATES],
]  # fmt: skip
# Amber and Amber/Green fills cannot reach 3 on white: their outline in the text colour of the state does.
GRAPHICS = [
    ("control", "surface"), ("control", "canvas"), ("accent", "surface"), ("accent-text", "surface"),
    ("accent-text", "sunken"),
    ("surface", "g"), ("surface", "a"), ("surface", "ar"), ("surface", "r"),
    ("f-g", "surface"), ("f-ar", "surface"), ("f-r", "surface"), ("ag", "surface"), ("a", "surface"),
]  # fmt: skip
NEIGHBOURS_APART = 10

# Machado, Oliveira and Fernandes 2009, severity 1; on linear RGB.
COLOUR_BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def themes(css: str) -> dict[str, dict[str, str]]:
    """The hexadecimal tokens of each theme."""
    found = {}
    for name in ("light", "dark"):
        block = re.search(rf'\[data-bs-theme="{name}"\] \{{\n(.*?)\n\}}', css, re.DOTALL)
        if block is None:
            sys.exit(f"{TOKENS.name} has no block for the {name} theme.")
        found[name] = dict(re.findall(r"--qd-([\w-]+): (#[0-9a-f]{6});", block[1]))
    return found


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """WCAG 2 ratio, 1 to 21."""
    weights = (0.2126, 0.7152, 0.0722)
    darker, lighter = sorted(sum(w * part for w, part in zip(weights, linear(c), strict=True)) for c in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: list[float]) -> tuple[float, float, float]:
    """CIE L*a*b* under D65 from linear RGB."""
    red, green, blue = (min(1.0, max(0.0, part)) for part in rgb)
    white = (0.95047, 1.0, 1.08883)
    xyz = (
        0.4124 * red + 0.3576 * green + 0.1805 * blue,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        0.0193 * red + 0.1192 * green + 0.9505 * blue,
    )
    x, y, z = (
        part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116
        for part in (value / scale for value, scale in zip(xyz, white, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen_by(matrix: list[list[float]], colour: str) -> tuple[float, float, float]:
    rgb = linear(colour)
    return lab([sum(weight * part for weight, part in zip(row, rgb, strict=True)) for row in matrix])


def main() -> int:
    palette = themes(TOKENS.read_text())
    below = 0
    for title, pairs, limit in (("text", TEXT, 4.5), ("graphics", GRAPHICS, 3.0)):
        print(f"{title}: at least {limit}")
        for front, behind in pairs:
            ratios = [contrast(colours[front], colours[behind]) for colours in palette.values()]
            low = min(ratios) < limit
            below += low
            print(f"  {front:12} on {behind:12} {ratios[0]:5.2f} {ratios[1]:5.2f}{'  below' if low else ''}")
    print(f"neighbouring fills: at least {NEIGHBOURS_APART} apart (CIE76)")
    for theme, colours in palette.items():
        for kind, matrix in COLOUR_BLIND.items():
            seen = [seen_by(matrix, colours[f"f-{state}"]) for state in STATES]
            steps = [sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 for one, other in pairwise(seen)]
            low = round(min(steps)) < NEIGHBOURS_APART
            below += low
            print(f"  {theme:5} {kind} {' '.join(f'{step:4.0f}' for step in steps)}{'  below' if low else ''}")
    print(f"{below} below their limit")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
