"""What every benchmark shares: turns, ratios, and pages that keep what they had."""

from benchmarks.measuring import Section, alternate, median_ratio, update_page


def test_turns_reverse_and_ratios_are_paired():
    order = []
    seconds = alternate(
        {name: lambda name=name: order.append(name) or len(order) for name in "ab"}, 3
    )
    assert "".join(order) == "abbaab"
    assert seconds == {"a": [1, 4, 5], "b": [2, 3, 6]}
    assert median_ratio(seconds["b"], seconds["a"]) == 6 / 5


def test_page_keeps_other_sections(tmp_path):
    page = tmp_path / "speed.md"
    one, two = (Section(t, "How.", ("a", "b"), [("1", "2")]) for t in ("One", "Two"))
    update_page(page, "Speed", [one, two])
    update_page(page, "Speed", [Section("One", "How.", ("a", "b"), [("3", "4")])])
    text = page.read_text(encoding="utf-8")
    assert text.index("| 3 | 4 |") < text.index("## Two") < text.index("| 1 | 2 |")
    assert text.count("## ") == 2
