"""The README's Python, run word for word on a folder of digits called photos."""

import re
from pathlib import Path

import pytest
from PIL import Image
from sklearn.datasets import load_digits

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def photos(tmp_path, monkeypatch):
    digits = load_digits()
    for name, digit in (("cat", 0), ("dog", 1)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for k, image in enumerate(digits.images[digits.target == digit][:12]):
            picture = Image.fromarray((image * 15).astype("uint8"))
            if k == 11:  # photographs differ in size
                picture = picture.resize((9, 8))
            picture.save(tmp_path / "photos" / name / f"{k}.png")
    monkeypatch.chdir(tmp_path)


def blocks():
    text = README.read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_the_readmes_examples_run(photos, capsys):
    loop, whole = blocks()
    names: dict = {}
    # hardly trained: nothing that it draws would pass the filters
    hasty = whole.replace("budget=10", "budget=0.02")
    exec(hasty.replace("per_class=500", "per_class=20, filters=None"), names)
    assert names["images"].shape == (2, 8, 8, 1)
    exec(loop, {})
    assert "torch.Size([32, 3, 32, 32])" in capsys.readouterr().out


def test_every_picture_of_the_readme_exists():
    text = README.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (README.parent / target).exists(), target


def list_code(text: str) -> list[str]:
    """List the lines of code in a page, without what # says beside them."""
    fenced = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    indented = re.findall(r"^    (\S.*)$", plain, re.MULTILINE)
    lines = [line for block in fenced for line in block.splitlines()]
    return [line.split("#")[0].rstrip() for line in [*indented, *lines]]


def test_the_chinese_readme_has_the_same_commands_and_links():
    english, chinese = (
        path.read_text(encoding="utf-8")
        for path in (README, README.with_name("README.zh-CN.md"))
    )
    assert list_code(chinese) == list_code(english)
    assert len(list_code(english)) > 25
    prose = (re.sub(r"```.*?```", "", t, flags=re.DOTALL) for t in (english, chinese))
    words = [set(re.findall(r"`([^`]+)`", text)) for text in prose]
    assert {"share=0.25", "set_epoch", "--budget 30m"} <= words[0]
    assert words[0] == words[1]
    links = [re.findall(r"\]\(([^)#]+)", t)[1:] for t in (english, chinese)]
    assert sorted(links[0]) == sorted(links[1])
    titles = [re.findall(r"^#+ ", t, re.MULTILINE) for t in (english, chinese)]
    assert titles[0] == titles[1]
