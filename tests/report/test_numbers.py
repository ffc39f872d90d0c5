import pytest

from ganaug.report.numbers import write_exactly, write_number, write_share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (0.0, "0"), (-1e-9, "0"), (1.0, "1"), (0.05, "0.05"),
        (0.8349, "0.835"), (-2.304, "−2.3"), (9.16e-06, "0.0000092"),
        (-0.000141, "−0.00014"), (23.84, "23.8"), (100.0, "100"), (12345.6, "12,346"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert write_number(value) == text


def test_settings_keep_their_digits():
    values = [0.0, 0.001, 5e-05, 0.783125, 6047.0, -0.5, 100.0, 1e6]
    texts = ["0", "0.001", "0.00005", "0.783125", "6,047", "−0.5", "100", "1,000,000"]
    assert [write_exactly(value) for value in values] == texts


def test_shares_do_not_break_before_their_sign():
    assert write_share(0.804) == "80\u00a0%"
    assert write_share(0.0023, 1) == "0.2\u00a0%"
