"""Handwriting for the lab: strokes found in drawings, and drawn anew by hands that differ."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from experiments.aim_lab import episodes, glyphs, vision
from experiments.aim_lab.hands import Hands, invented, redrawn
from experiments.aim_lab.strokes import strokes_of, thinned
from generators.aim.lab.layout import CANVAS, INK_SIDE, SIDE

TRAITS = "slant aspect turn speed tremor loose bend trim broken missing joined"
STILL = Hands(**dict.fromkeys(TRAITS.split(), (0, 0)), pen=(4, 4), coarse=0)


def drawing(*lines: tuple[tuple[int, int], ...], pen: int = 6) -> np.ndarray:
    page = Image.new("L", (CANVAS, CANVAS))
    for line in lines:
        ImageDraw.Draw(page).line(line, fill=255, width=pen, joint="curve")
    return np.asarray(page)


def ring() -> np.ndarray:
    page = Image.new("L", (CANVAS, CANVAS))
    ImageDraw.Draw(page).ellipse((12, 12, 52, 52), outline=255, width=5)
    return np.asarray(page)


RING = ring()
CROSS = drawing(((12, 32), (52, 32)), ((32, 12), (32, 52)))
TEE = drawing(((12, 14), (52, 14)), ((32, 14), (32, 52)))
APART = drawing(((12, 14), (50, 14)), ((12, 48), (50, 48)), ((30, 30), (33, 30)))


def count(strokes: np.ndarray) -> int:
    return int((~np.isnan(strokes[:, 0, 0])).sum())


@pytest.mark.parametrize(("page", "expected"), [(RING, 1), (CROSS, 2), (TEE, 2), (APART, 3)])
def test_strokes_run_straight_on_where_lines_meet(page, expected):
    [found] = strokes_of(page[None])
    assert count(found) == expected


def test_strokes_lie_in_the_middle_at_a_size_of_one():
    found = strokes_of(np.stack([CROSS, TEE, RING]))
    for strokes in found:
        low, high = np.nanmin(strokes, (0, 1)), np.nanmax(strokes, (0, 1))
        assert (high - low).max() == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(low + high, 0, atol=1e-5)
    level, upright = (np.ptp(stroke, axis=0) for stroke in found[0][:2])
    assert (level.argmax(), level.max()) != (upright.argmax(), upright.max())


def test_a_skeleton_is_one_pixel_wide_and_in_one_piece():
    from scipy.ndimage import label

    [skeleton] = thinned(RING[None] > 110)
    assert label(skeleton, np.ones((3, 3)))[1] == 1
    squares = [skeleton[y : y + 2, x : x + 2].all() for y in range(CANVAS - 1) for x in range(CANVAS - 1)]
    assert not any(squares)


def test_ink_too_little_to_thin_is_a_dot():
    faint = np.zeros((2, CANVAS, CANVAS), dtype=np.uint8)
    faint[1, 30:32, 30:32] = 255
    found = strokes_of(faint)
    assert [count(strokes) for strokes in found] == [1, 1]
    assert (redrawn(found, np.random.default_rng(0)) > 100).any((1, 2)).all()


def test_a_steady_hand_draws_what_was_there():
    pages = np.stack([RING, CROSS, TEE])
    again = redrawn(strokes_of(pages), np.random.default_rng(0), STILL) > 128
    for page, other in zip(pages > 128, again, strict=True):
        ys, xs = np.nonzero(other)
        assert abs(max(np.ptp(ys), np.ptp(xs)) - INK_SIDE) <= 4
        ours, theirs = (_fitted(each) for each in (other, page))
        assert (ours & theirs).sum() / (ours | theirs).sum() > 0.5


def _fitted(ink: np.ndarray) -> np.ndarray:
    ys, xs = np.nonzero(ink)
    cut = Image.fromarray(ink[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])
    return np.asarray(cut.resize((20, 20)))


def test_hands_differ_and_one_hand_keeps_its_slant():
    strokes = strokes_of(drawing(((32, 10), (32, 54)))[None]).repeat(160, 0)
    leaning = Hands(**{**vars(STILL), "slant": (-0.6, 0.6)})
    pages = redrawn(strokes, np.random.default_rng(0), leaning)
    slants = np.array([_lean(page) for page in pages]).reshape(10, 16)
    assert slants.std(1).max() < 0.05
    assert slants.mean(1).std() > 0.15


def _lean(page: np.ndarray) -> float:
    ys, xs = np.nonzero(page > 128)
    return float(np.polyfit(ys, xs, 1)[0])


def test_a_stroke_left_out_is_never_the_longest():
    strokes = strokes_of(drawing(((10, 32), (54, 32)), ((20, 12), (28, 12)))[None]).repeat(60, 0)
    hasty = Hands(**{**vars(STILL), "missing": (1, 1)})
    for page in redrawn(strokes, np.random.default_rng(0), hasty):
        ys, xs = np.nonzero(page > 128)
        assert np.ptp(xs) > 4 * np.ptp(ys)


def test_two_drawings_of_one_character_are_two_ways_of_drawing_its_strokes():
    strokes = strokes_of(TEE[None]).repeat(20, 0)
    pages = redrawn(strokes, np.random.default_rng(0)) > 128
    assert len({page.tobytes() for page in pages}) == 20
    same = redrawn(strokes, np.random.default_rng(0)) > 128
    assert np.array_equal(pages, same)


def test_invented_characters_are_made_of_strokes_of_others():
    strokes = strokes_of(np.stack([RING, CROSS, TEE, APART]))
    made = invented(strokes, 12, np.random.default_rng(0))
    assert made.shape == (12, *strokes.shape[1:])
    assert all(2 <= count(each) <= 6 for each in made)


def test_pictures_are_printed_or_written_as_asked():
    drawings = glyphs.make(seed=3, doodles=12, most_characters=0)
    known = vision.characters(drawings, seed=0, inventions=5)
    assert len(known.strokes) == len(known.drawings.members) == 17
    classes = np.arange(17).repeat(2)
    before = known.drawings.images.copy()
    pixels = known.pictures(classes, np.arange(34) % 2 == 1, 1.0, np.random.default_rng(0))
    assert pixels.shape == (34, 3, SIDE, SIDE)
    assert np.array_equal(known.drawings.images, before)


def test_strangers_write_classes_that_were_kept_aside():
    _, aside = glyphs.make(seed=3, doodles=60, most_characters=0).split()
    pictures = episodes.from_hands(aside, takes=3)
    assert [len(each) for each in pictures.of] == [3] * 6
    assert {image.size for each in pictures.of for image in each} == {(SIDE, SIDE)}
    again = episodes.from_hands(aside, takes=3)
    assert pictures.of[0][0].tobytes() == again.of[0][0].tobytes() != pictures.of[0][1].tobytes()
