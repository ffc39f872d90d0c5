"""What `inspect` says of domains: how bad it is, what helps, and what nobody wrote."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganaug.blas import one_blas_thread
from ganaug.data.cells import CellTable, tabulate_cells
from ganaug.data.confounding.association import Association, measure_association
from ganaug.data.confounding.explain import explain_cells, explain_fill, list_wanted
from ganaug.data.confounding.pools import PoolInspection
from ganaug.data.confounding.recognition import Recognition, tell_apart
from ganaug.data.confounding.worth import Worth, measure_worth
from ganaug.data.duplicates import make_thumbnail
from ganaug.data.images import LabelledImages
from ganaug.data.looks.look import measure_looks
from ganaug.data.looks.proposal import Proposal, propose_domains
from ganaug.data.looks.sampling import pick_some
from ganaug.data.readers.assemble import Glance

MOST_LOOKED_AT = 2000  # images; of more, as many are drawn


@dataclass(frozen=True)
class DomainInspection:
    """What was found of the domains of a set.

    Attributes:
        cells: the table of cells; None where no domain is known.
        association: how strongly domain and class hang together.
        recognition: how well a classifier tells domains apart by their look.
        classes: how well a classifier tells classes apart by their look.
        worth: what two images of a cell are worth.
        wrong: what is wrong, in one sentence, or None.
        fill: what `--fill` would do, in one sentence, or None without domains.
        wanted: which images would help most, in one sentence, or None.
        proposal: domains that nobody wrote down; only where none are known.
        pools: what was found of unlabelled images.
    """

    cells: CellTable | None = None
    association: Association | None = None
    recognition: Recognition | None = None
    classes: Recognition | None = None
    worth: Worth | None = None
    wrong: str | None = None
    fill: str | None = None
    wanted: str | None = None
    proposal: Proposal | None = None
    pools: tuple[PoolInspection, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return dicts, lists and plain values, as JSON has them."""
        values = asdict(self)
        if self.worth is not None:
            gains = self.worth.by_domain
            values["worth"]["by_domain"] = [None if g != g else g for g in gains]
        if self.proposal is not None:
            values["proposal"]["sentence"] = self.proposal.say()
        return values


@one_blas_thread()
def inspect_domains(seen: Glance | LabelledImages) -> DomainInspection:
    """Look at the domains of a set, or for some where it has none.

    Example:
        >>> from ganaug.data.load import load_images
        >>> inspect_domains(load_images("digits-domains")).cells.domains
        ('dim', 'inverted', 'photo', 'plain')
    """
    images, looks = _take_looks(seen)
    classes = tell_apart(looks, images.labels, images.groups)
    if images.domains is None:
        proposal = propose_domains(looks, images.labels)
        return DomainInspection(classes=classes, proposal=proposal)
    whole = seen.thumbnails if isinstance(seen, Glance) else seen
    cells = tabulate_cells(whole)
    assert cells is not None, "the domains are known"
    small = [make_thumbnail(image).ravel() / 255 for image in images.images]
    pixels = np.array(small, np.float32)
    worth = measure_worth(pixels, images.labels, images.domains, images.groups)
    return DomainInspection(
        cells=cells,
        association=measure_association(whole.labels, _domains(whole), whole.groups),
        recognition=tell_apart(looks, images.domains, images.groups),
        classes=classes,
        worth=worth,
        wrong=explain_cells(cells),
        fill=explain_fill(cells),
        wanted=list_wanted(cells, worth),
    )


def _take_looks(
    seen: Glance | LabelledImages,
) -> tuple[LabelledImages, NDArray[np.float32]]:
    """Return some images, or their thumbnails, and the look of each."""
    if isinstance(seen, Glance):
        rows = pick_some(len(seen.thumbnails), MOST_LOOKED_AT)
        return seen.thumbnails.subset(rows), seen.looks[rows]
    some = seen.subset(pick_some(len(seen), MOST_LOOKED_AT))
    return some, measure_looks(some.images)


def _domains(images: LabelledImages) -> NDArray[np.int64]:
    assert images.domains is not None, "the domains are known"
    return images.domains
