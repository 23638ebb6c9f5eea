"""Rules: straight lines drawn along or across a page, as thin boxes in page units."""

from collections.abc import Sequence

from retrievers.elements import Box

SNAP = 0.004  # page units; rules closer than this are one


def joined_rules(rules: Sequence[Box]) -> list[Box]:
    """Horizontal rules, those on one height that touch as one."""
    merged: list[Box] = []
    for rule in sorted(rules, key=lambda rule: (round((rule.y0 + rule.y1) / 2 / SNAP), rule.x0)):
        y = (rule.y0 + rule.y1) / 2
        last = merged[-1] if merged else None
        if last is not None and abs(last.y0 - y) < SNAP and rule.x0 <= last.x1 + SNAP:
            merged[-1] = Box(last.x0, last.y0, max(last.x1, rule.x1), last.y1)
        else:
            merged.append(Box(rule.x0, y, rule.x1, y))
    return merged
