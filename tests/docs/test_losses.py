"""docs/losses.md names everything, and its table and its code are true."""

import re
from pathlib import Path

import pandas as pd
import pytest

from ganaug.gan.objective.diversity import TERMS
from ganaug.gan.objective.losses import LOSSES
from ganaug.gan.objective.penalties import PENALTIES
from ganaug.gan.settings.resolve import resolve_config

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")


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
    resolved = resolve_config(names["config"])
    assert (resolved.penalties, resolved.to_dict()["loss"]) == ("r1", "bce-drift")


def test_modes_found_are_those_of_the_bench():
    line = " ".join(TEXT.split())
    found = re.findall(r"`([^`]+)` ([\d.]+) of 25, ([\d.]+) of 8", line)
    assert len({name for name, *_ in found}) >= 25
    rows = pd.read_csv(ROOT / "benchmarks" / "results" / "stability_toy.csv")
    means = rows.groupby(["row", "problem"])["modes"].mean()
    for name, grid, ring in found:
        assert float(grid) == pytest.approx(means[name, "grid"], abs=0.05), name
        assert float(ring) == pytest.approx(means[name, "ring"], abs=0.05), name


REAL = "real images (control)"


def test_figures_on_pictures_are_those_of_the_bench():
    line = " ".join(TEXT.split())
    rows = pd.read_csv(ROOT / "benchmarks" / "results" / "stability_equal.csv")
    means = rows.groupby(["row", "set"])[["agreement", "diversity"]].mean()
    pair = r"([\d.]+) % and ([\d.]*\d)"
    found = re.findall(rf"`([^`]+)` {pair}, {pair}", line)
    assert {name for name, *_ in found} == set(rows["row"]) - {REAL}
    for name, *figures in found:
        sets = ("fashion-mnist", "sign-digits")
        own = [means.loc[name, data] * [100, 1] for data in sets]
        said = [float(x) for x in figures]
        assert said[::2] == pytest.approx([x.iloc[0] for x in own], abs=0.06), name
        assert said[1::2] == pytest.approx([x.iloc[1] for x in own], abs=0.006), name
    rows = pd.read_csv(ROOT / "benchmarks" / "results" / "stability_stacked.csv")
    found = re.findall(r"`([^`]+)` (\d+) of 1,000", line)
    assert {"default", "bce", "wgan", "wgan-gp"} <= {name for name, _ in found}
    for name, modes in found:
        mean = rows.loc[rows["row"] == name, "modes"].mean()
        assert int(modes) == pytest.approx(mean, abs=0.51), name


def test_gradients_left_are_those_of_the_bench():
    rows = pd.read_csv(ROOT / "benchmarks" / "results" / "stability_ahead.csv")
    rows = rows[rows["activation"] == "leaky ReLU"]
    norms = rows.groupby(["loss", "steps"])["norm"].median()
    names = {"relativistic": "relativistic + R1, R2"}
    checked = 0
    for name in LOSSES:
        paragraph = re.search(rf"^\*\*`{name}`.*?\n\n", TEXT, re.MULTILINE | re.DOTALL)
        said = re.search(r"gradient\s+([\d.]+)\s→\s+([\d.]*\d)", paragraph[0])
        if said:
            ends = [norms[names.get(name, name), steps] for steps in (0, 2000)]
            assert [float(x) for x in said.groups()] == pytest.approx(ends, rel=0.05)
            checked += 1
    assert checked == 4


def test_no_measurement_is_left_to_fill_in():
    assert "<!--" not in TEXT
    paragraphs = re.findall(r"^\*\*`.*?(?=\n\n|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert all("*Measured:*" in paragraph for paragraph in paragraphs)
    assert len(paragraphs) >= 17


def test_the_introduction_of_the_bench_has_the_figures_of_its_tables():
    results = ROOT / "benchmarks" / "results"
    page = (ROOT / "benchmarks" / "stability.md").read_text(encoding="utf-8")
    said = re.search(
        r"the default misses (\d+)\..*? the default misses (\d+), with or without "
        r"batch_std\..*?augmentation, misses (\d+), where the usual width misses "
        r"(\d+);.*?"
        r"the usual width misses (\d+)\.",
        " ".join(page.split()),
    )
    rows = pd.read_csv(results / "stability_stacked.csv")
    plain, group = "default, augment=none", "default, augment=none, batch_std=4"
    missed = 1000 - rows.groupby("row")["modes"].mean()
    first = 1000 - rows[rows["seed"] == 0].set_index("row")["modes"]
    known = [
        missed["default"], missed[plain], first[f"{group}, base_channels=128"],
        first[group], first[f"{group}, 3 times as long"],
    ]  # fmt: skip
    assert [int(x) for x in said.groups()] == pytest.approx(known, abs=0.51)
    assert missed[group] == pytest.approx(missed[plain], abs=1)
    rows = pd.read_csv(results / "stability_equal.csv")
    means = rows.groupby(["set", "row"])["diversity"].mean()
    said = re.search(
        r"varies little \((\S+) and (\S+) of real images\); with R1 as much as the "
        r"default on fashion-mnist \((\S+) and (\S+)\), less on sign-digits "
        r"\((\S+) and (\S+)\)",
        " ".join(page.split()),
    )
    known = [
        means["fashion-mnist", "bce-ns"], means["sign-digits", "bce-ns"],
        *means["fashion-mnist"][["bce-ns + R1", "default"]],
        *means["sign-digits"][["bce-ns + R1", "default"]],
    ]  # fmt: skip
    assert [float(x) for x in said.groups()] == pytest.approx(known, abs=0.006)
