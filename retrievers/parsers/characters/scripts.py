"""Raised and lowered characters as plain text: 10⁶ is not 106."""

_PLAIN = "0123456789+-=()ni"
_UP = str.maketrans(_PLAIN, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_DOWN = str.maketrans(_PLAIN[:15], "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_TYPED = str.maketrans({"−": "-", "–": "-", " ": ""})  # the minus signs of formulas


def raised(text: str) -> str:
    """`text` in superscript characters; "" when one of its characters has none."""
    text = text.translate(_TYPED)
    return text.translate(_UP) if set(text) <= set(_PLAIN) else ""


def lowered(text: str) -> str:
    """`text` in subscript characters; "" when one of its characters has none."""
    text = text.translate(_TYPED)
    return text.translate(_DOWN) if set(text) <= set(_PLAIN[:15]) else ""
