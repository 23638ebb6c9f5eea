"""Months by their English names, which are those of dateutil's parser."""

from dateutil.parser import parserinfo

NUMBER = {name.lower(): number for number, names in enumerate(parserinfo.MONTHS, start=1) for name in names}
"""1 for "jan" and "january"."""
SHORT = frozenset(name.lower() for names in parserinfo.MONTHS for name in names[:-1])
PATTERN = "|".join(sorted(NUMBER, key=len, reverse=True))
"""Any of the names, as a regular expression to be read without regard to case."""
