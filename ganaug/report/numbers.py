"""Numbers as people write them: no exponents, a true minus sign."""

from __future__ import annotations

import math

SMALLEST_NUMBER = 5e-8  # smaller numbers are written as 0


def write_number(value: float | None) -> str:
    """Write three digits, two of very small numbers; a dash for None.

    Example:
        >>> write_number(0.012345), write_number(-0.0000559), write_number(1234.5)
        ('0.0123', '−0.000056', '1,234')
        >>> write_number(1.0), write_number(1e-12), write_number(None)
        ('1', '0', '–')
    """
    if value is None:
        return "–"
    size = abs(value)
    if size < SMALLEST_NUMBER:
        return "0"
    digits = 3 if size >= 0.001 else 2
    places = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:,.{places}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if places else text


def write_exactly(value: float) -> str:
    """Write a setting's value in up to six digits.

    Example:
        >>> write_exactly(6047.0), write_exactly(5e-05), write_exactly(0.783)
        ('6,047', '0.00005', '0.783')
    """
    if value == 0:
        return "0"
    places = max(0, 5 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if places else text


def write_share(share: float, places: int = 0) -> str:
    """Write a share in per cent; the space does not break.

    Example:
        >>> write_share(0.8), write_share(0.00234, 1)
        ('80\\xa0%', '0.2\\xa0%')
    """
    return f"{100 * share:.{places}f}\u00a0%"
