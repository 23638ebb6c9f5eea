"""Planets and moons as shaded spheres, computed: no photograph, no download, the same pixels every time."""

import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.float64]
Colour = tuple[int, int, int]

BANDED = {"Venus", "Jupiter", "Saturn", "Uranus", "Neptune", "Titan"}
PALETTES: dict[str, tuple[str, ...]] = {  # colours from one pole to the other, or from low to high ground
    "Sun": ("f9a825", "ffca4f", "fff0b0"),
    "Mercury": ("5b5550", "8b837b", "b5aca2", "77706a"),
    "Venus": ("d9b57a", "ecd6a2", "e2bf83", "f4e5bd", "d8b277", "ead09b"),
    "Earth": ("123f7a", "1a569c", "2a72b8", "3f7d4d", "8a8a55", "e9eef2"),
    "Mars": ("7a3b22", "a9532c", "c8703c", "d99460"),
    "Jupiter": ("8d6e52", "cfb48f", "b07a4f", "eadfc6", "e8d9ba", "a9683f", "efe6d2", "c19a70", "dcc7a3", "937559"),
    "Saturn": ("a58a5c", "d5bd8a", "e6d3a6", "cfb37d", "ecdcb4", "d8c08f", "b99d6b"),
    "Uranus": ("9ed4dc", "b5e2e6", "c6ecec", "abdce2"),
    "Neptune": ("2c4fa8", "3a66c8", "4b7bdc", "3559b8", "5f8fe6", "2f54b0"),
    "Moon": ("6f6e6c", "9a9896", "bdbbb8", "d3d1cd"),
    "Io": ("8f6a1e", "d8b73c", "f0dc7c", "f7efc0", "c58a2e"),
    "Europa": ("8f6f55", "cdbca4", "e8e0d2", "f3efe6"),
    "Ganymede": ("5d544b", "857a6d", "aea392", "c9c0b0"),
    "Callisto": ("3f3933", "5f564d", "7d7265", "a3988a"),
    "Titan": ("b5842e", "d8a443", "e3b65b", "c8943a"),
    "Triton": ("a98f86", "cfbdb4", "e3d8d1", "d6c2bd"),
    "Enceladus": ("c9d3da", "e3eaee", "f6f9fa", "ffffff"),
}


def _rgb(code: str) -> Colour:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def _noise(rng: np.random.Generator, size: int) -> Array:
    """Smooth noise in 0..1, [size, size]: random grids of growing detail, added."""
    total = np.zeros((size, size))
    for octave in range(5):
        grid = Image.fromarray(rng.random((3 * 2**octave, 3 * 2**octave)).astype(np.float32))
        total += np.asarray(grid.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float64) / 1.8**octave
    return (total - total.min()) / (total.max() - total.min())


def sphere(name: str, diameter: int, light: tuple[float, float, float] = (-0.55, -0.4, 0.75)) -> Image.Image:
    """The body as an RGBA picture, `diameter` pixels wide and high, lit from `light` (x right, y down, z to us)."""
    size = min(max(diameter, 2) * 2, 2600)  # twice as large, then reduced: smooth edges; bounded for the Sun
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    inside = x * x + y * y <= 1
    z = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    noise = _noise(np.random.default_rng(zlib.crc32(name.encode())), size)
    if name in BANDED:
        height = np.clip((y * 0.97 + x * 0.22 + 1) / 2 + (noise - 0.5) * 0.06, 0, 1)
    else:
        height = np.clip((noise - 0.5) * 1.35 + 0.5, 0, 1)
    stops = np.array([_rgb(code) for code in PALETTES[name]], dtype=np.float64)
    place = np.linspace(0, 1, len(stops))
    colour = np.stack([np.interp(height, place, stops[:, channel]) for channel in range(3)], axis=-1)
    if name == "Sun":
        shade = 0.72 + 0.28 * z
    else:
        lx, ly, lz = np.array(light) / np.linalg.norm(light)
        shade = 0.10 + 0.95 * np.clip(x * lx + y * ly + z * lz, 0, 1)
    pixels = np.dstack([np.clip(colour * shade[..., None], 0, 255), inside * 255.0]).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA").resize((diameter, diameter), Image.Resampling.LANCZOS)


def saturn(diameter: int) -> Image.Image:
    """Saturn with its rings, RGBA, 2.4 times as wide as the globe; ring edges at their true ratio to the radius."""
    width, height = int(diameter * 2.4), int(diameter * 1.1)
    scale = 2
    rings = Image.new("RGBA", (width * scale, height * scale))
    draw = ImageDraw.Draw(rings)
    middle_x, middle_y = width * scale / 2, height * scale / 2
    for outer, colour in (
        (2.27, (205, 186, 148, 255)),  # A
        (2.03, (40, 34, 26, 255)),  # Cassini Division
        (1.95, (226, 208, 170, 255)),  # B
        (1.53, (132, 118, 94, 255)),  # C
        (1.24, (0, 0, 0, 0)),
    ):
        across = outer * diameter / 2 * scale
        up = across * 0.3
        draw.ellipse((middle_x - across, middle_y - up, middle_x + across, middle_y + up), fill=colour)
    rings = rings.resize((width, height), Image.Resampling.LANCZOS)
    globe = Image.new("RGBA", (width, height))
    globe.paste(sphere("Saturn", diameter), ((width - diameter) // 2, (height - diameter) // 2))
    picture = Image.alpha_composite(rings, globe)
    front = rings.crop((0, height // 2, width, height))
    picture.alpha_composite(front, (0, height // 2))
    return picture


def paste(canvas: Image.Image, body: Image.Image, x: float, y: float) -> None:
    """Lay `body` on `canvas` with its middle at (x, y)."""
    canvas.alpha_composite(body, (round(x - body.width / 2), round(y - body.height / 2)))


def night(width: int, height: int, seed: int = 7) -> Image.Image:
    """A dark sky with faint stars, RGBA."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(0, 1, height)[:, None, None]
    top, bottom = np.array([11.0, 17.0, 34.0]), np.array([24.0, 32.0, 58.0])
    sky = np.broadcast_to(top + (bottom - top) * rows, (height, width, 3)).copy()
    for _ in range(width * height // 5000):
        sky[rng.integers(height), rng.integers(width)] += rng.uniform(30, 140)
    return Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8)).convert("RGBA")
