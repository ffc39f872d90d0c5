"""Policies without what is tested: augmentation that no corruption repeats."""

from __future__ import annotations

from collections.abc import Sequence

# policy → the same without changes of light, contrast, sharpness, noise and colour
UNTESTED = {"rand": "shapes", "jitter": "shapes"}
LEFT_OUT = (
    "augmentation changes no light, contrast, sharpness, noise or colour in any arm "
    "(shapes in place of rand), because the corrupted test images do"
)


def leave_out_tested(policies: Sequence[str]) -> tuple[str, ...]:
    """Return the policies without what corruptions do; none comes twice.

    As in AugMix (Hendrycks et al., 2020), section 3: who trains on a corruption is not
    tested by it.

    Example:
        >>> leave_out_tested(["rand", "light", "jitter"])
        ('shapes', 'light')
    """
    return tuple(dict.fromkeys(UNTESTED.get(name, name) for name in policies))
