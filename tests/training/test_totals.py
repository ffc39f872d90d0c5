import pytest
import torch

from ganaug.training.totals import Totals


def test_only_the_named_sums_grow_in_their_places():
    totals = Totals(["a", "b", "c"], torch.device("cpu"))
    place = totals.tensor.data_ptr()
    totals.add({"c": torch.tensor(2.0), "a": torch.tensor(1, dtype=torch.bfloat16)})
    totals.add({"c": torch.tensor(0.5, requires_grad=True)})
    assert totals.tensor.tolist() == [1.0, 0.0, 2.5]
    assert totals.take() == {"a": 1.0, "b": 0.0, "c": 2.5}
    assert totals.tensor.data_ptr() == place
    assert not totals.tensor.any()


def test_an_unknown_name_is_a_mistake():
    with pytest.raises(AssertionError, match="d"):
        Totals(["a"], torch.device("cpu")).add({"d": torch.zeros(())})
