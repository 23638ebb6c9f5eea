"""Equations of Word and PowerPoint as a line of text."""

import pytest
from office_files import xml

from retrievers.parsers.office.formulas import linear


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def e(kind: str, **parts: str) -> str:
    return f"<m:{kind}>{''.join(f'<m:{name}>{inner}</m:{name}>' for name, inner in parts.items())}</m:{kind}>"


@pytest.mark.parametrize(
    ("equation", "text"),
    [
        (r("E=m") + e("sSup", e=r("c"), sup=r("2")), "E=mc²"),
        (e("sSup", e=r("x"), sup=r("a+b")), "x^(a+b)"),
        (e("sSub", e=r("v"), sub=r("0")) + r("t"), "v₀t"),
        (e("sSub", e=r("a"), sub=r("k")) + r("b"), "a_k b"),
        (e("f", num=r("1"), den=r("a+b")), "1/(a+b)"),
        (e("f", fPr='<m:type m:val="noBar"/>', num=r("n"), den=r("k")), "n over k"),
        (e("rad", deg="", e=r("x+1")), "√(x+1)"),
        (e("rad", deg=r("3"), e=r("y")), "³√y"),
        (e("nary", naryPr='<m:chr m:val="∑"/>', sub=r("i=1"), sup=r("n"), e=r("i")), "∑_(i=1)ⁿ i"),
        (e("d", dPr='<m:begChr m:val="["/><m:endChr m:val=")"/>', e=r("0, 1")), "[0, 1)"),
        (r("2") + e("func", fName=r("sin"), e=r("x")), "2 sin(x)"),
        ("<m:m><m:mr><m:e>a</m:e></m:mr></m:m>".replace("a", r("1")), "1"),
        (e("sSub", e=r("h"), sub=e("f", num=r("1"), den=r("2"))), "h_(1/2)"),
    ],
)
def test_linear(equation: str, text: str) -> None:
    assert linear(xml(f"<m:oMath>{equation}</m:oMath>")) == text
