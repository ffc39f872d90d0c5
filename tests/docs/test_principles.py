"""docs/principles.md: its code runs and its links lead somewhere."""

import re
from pathlib import Path

import pandas as pd
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "principles.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_code_runs_from_top_to_bottom(capsys):
    names = {}
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(code, names)
    assert capsys.readouterr().out.startswith("torch.Size([64, 1, 8, 8])")
    assert all(p.grad is not None for p in names["G"].parameters())


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)", TEXT))))
def test_links_lead_somewhere(link):
    assert (PAGE.parent / link).exists()


def test_variety_on_pictures_is_that_of_the_bench():
    (said,) = re.findall(
        r"sign-digits, those of a class vary ([\d.]+) .*? with `bce-ns` alone, "
        r"([\d.]+) with R1, ([\d.]+) with `wgan-gp` and ([\d.]*\d) with the default",
        " ".join(TEXT.split()),
    )
    results = PAGE.parent.parent / "benchmarks" / "results"
    rows = pd.read_csv(results / "stability_equal.csv")
    rows = rows[rows["set"] == "sign-digits"]
    names = ["bce-ns", "bce-ns + R1", "wgan-gp", "default"]
    means = rows.groupby("row")["diversity"].mean()[names]
    assert [float(x) for x in said] == pytest.approx(means.tolist(), abs=0.006)


def test_conditionings_are_those_of_the_bench():
    line = " ".join(TEXT.split())
    shares = re.search(r"classifier puts (\d+) % of the images of `class`", line)
    both = re.search(
        r"class asked for, and (\d+) % of `image`'s and of `image-warp`'s", line
    )
    alone = re.search(r"separate pairs do so in (\d+) %", line)
    variety = re.search(
        r"[Vv]ariety within a class is ([\d.]+), ([\d.]+) and ([\d.]+)", line
    )
    results = PAGE.parent.parent / "benchmarks" / "results"
    rows = pd.read_csv(results / "stability_conditions.csv")
    means = rows[rows["per_class"] == 20].groupby("row").mean(numeric_only=True)
    agreed, varied = 100 * means["agreement"], means["diversity"]
    assert int(shares[1]) == round(agreed["class"])
    assert int(both[1]) == round(agreed["image"]) == round(agreed["image-warp"])
    assert int(alone[1]) == round(agreed["separate"])
    names = ["class", "image", "image-warp"]
    said = [float(x) for x in variety.groups()]
    assert said == pytest.approx(varied[names].tolist(), abs=0.006)
    kernel = means["kernel"]
    assert max(kernel["image"], kernel["image-warp"]) < kernel["class"] / 2
