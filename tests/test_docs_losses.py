"""docs/losses.md names everything, and its table and its code are true."""

import re
from pathlib import Path

import pytest

from ganaug.gan.diversity import TERMS
from ganaug.gan.losses import LOSSES
from ganaug.gan.penalties import PENALTIES
from ganaug.gan.settling import settle

TEXT = (Path(__file__).parent.parent / "docs" / "losses.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*LOSSES, *PENALTIES, *TERMS, "batch_std", "pack"])
def test_everything_has_its_paragraph(name):
    assert re.search(rf"^\*\*.*\b{re.escape(name)}\b.*\*\*", TEXT, re.MULTILINE)


def test_the_table_has_the_records_settings():
    rows = re.findall(r"^\| `([\w-]+)`[^|]*\|(.*)\|$", TEXT, re.MULTILINE)
    assert [name for name, _ in rows] == list(LOSSES)
    for name, cells in rows:
        loss = LOSSES[name]
        betas = [f"{b:g}".removeprefix("0") or "0" for b in (loss.beta1, loss.beta2)]
        penalised = [f"{loss.gamma:g}", str(loss.penalty_every)]
        assert [cell.strip() for cell in cells.split("|")] == [
            ", ".join(loss.penalties) or "–",
            *(penalised if loss.penalties else ["", ""]),
            str(loss.critic_steps),
            "–" if loss.clip is None else f"{loss.clip:g}".removeprefix("0"),
            ", ".join(betas),
        ]


def test_a_loss_of_ones_own_as_shown_can_be_trained():
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names = {}
    exec(code, names)
    settled = settle(names["config"])
    assert (settled.penalties, settled.to_dict()["loss"]) == ("r1", "bce-drift")
