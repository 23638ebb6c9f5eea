"""Pages that lie on their side, on their head or behind a mirror, as one holds them to read what is on them."""

from dataclasses import replace

from retrievers.elements import Block, Box, CellBoxes


def turned(box: Box, degrees: int) -> Box:
    """Where `box` lies after its page was turned clockwise by `degrees`, a multiple of 90."""
    match degrees % 360:
        case 90:
            return Box(1 - box.y1, box.x0, 1 - box.y0, box.x1)
        case 180:
            return Box(1 - box.x1, 1 - box.y1, 1 - box.x0, 1 - box.y0)
        case 270:
            return Box(box.y0, 1 - box.x1, box.y1, 1 - box.x0)
    return box


def held_upright(box: Box, turn: int, mirrored: bool) -> Box:
    """Where `box` lies for whoever holds the page so that lines turned by `turn`, and `mirrored`, can be read."""
    upright = turned(box, -turn)
    return flipped(upright) if mirrored else upright


def let_go(block: Block, turn: int, mirrored: bool) -> Block:
    """A block of the page as it was held (`held_upright`), as it lies."""

    def lies(box: Box) -> Box:
        return turned(flipped(box) if mirrored else box, turn)

    lines = tuple(line._replace(box=lies(line.box)) for line in block.lines)
    cells = block.cells and CellBoxes(*(tuple(map(lies, boxes)) for boxes in block.cells))
    return replace(block, box=lies(block.box), lines=lines, cells=cells)


def flipped(box: Box) -> Box:
    return Box(box.x0, 1 - box.y1, box.x1, 1 - box.y0)
