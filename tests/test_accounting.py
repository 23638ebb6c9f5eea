"""Words that no block holds are counted and named."""

from retrievers.elements import WHOLE_PAGE, Block, Page
from retrievers.parsers.accounting import account

TABLE = Block("table", "pier: A; depth: 12", WHOLE_PAGE, rows=(("pier", "depth"), ("A", "12")))


def test_a_page_that_holds_its_source_loses_nothing() -> None:
    page = Page(1, [Block("heading", "The Harbour", WHOLE_PAGE), TABLE], ["1 table"])
    assert account(page, "THE HARBOUR\npier depth\nA 12") == page


def test_what_is_missing_is_named() -> None:
    accounted = account(Page(1, [TABLE]), "pier depth A 12 silted since 1911")
    assert accounted.lost == 3 / 7
    assert accounted.notes == ("43% of this page's words could not be placed (such as silted, since, 1911)",)


def test_cells_are_not_counted_twice() -> None:
    """A table's text says its header again for every row: that must not hide the loss of another 'depth'."""
    assert account(Page(1, [TABLE]), "pier depth A 12 depth").lost == 1 / 5
