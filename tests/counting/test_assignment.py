"""The solver loaded alone is SciPy's, and brings nothing else of SciPy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from consentry.counting.assignment import assigned


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (1, 1), (4, 2), (2, 4), (25, 25)])
def test_the_assignment_is_the_one_of_scipy(shape: tuple[int, int]) -> None:
    for seed in range(20):
        similarity = np.random.default_rng(seed).random(shape)
        expected = linear_sum_assignment(similarity, maximize=True)
        for ours, theirs in zip(assigned(similarity), expected, strict=True):
            assert ours.tolist() == theirs.tolist()


def test_counting_loads_none_of_the_rest_of_scipy() -> None:
    program = "import sys; import consentry.counting.camera; print([name for name in sys.modules if name.partition('.')[0] == 'scipy'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
