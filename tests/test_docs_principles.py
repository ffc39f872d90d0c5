"""docs/principles.md: its code runs and its links lead somewhere."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "principles.md"
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
