"""The assignment problem, solved by SciPy's compiled solver (Crouse, 2016), loaded alone.

``import scipy.optimize`` brings half of SciPy: 50 MB in every camera worker, for one function of one small module
(``docs/decisions/0015-processes.md``). A release of SciPy that moves the module fails the tests of this one.
"""

from __future__ import annotations

from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from consentry.counting.motion import Floats, Indices

__all__ = ["assigned"]


def _compiled_solver() -> ModuleType:
    package = find_spec("scipy")
    folders = [f"{folder}/optimize" for folder in (package.submodule_search_locations if package else None) or ()]
    spec = PathFinder.find_spec("_lsap", folders)
    if spec is None or spec.loader is None:
        msg = "SciPy has no compiled module scipy.optimize._lsap"
        raise ImportError(msg)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_solve: Callable[..., tuple[Indices, Indices]] = _compiled_solver().linear_sum_assignment


def assigned(similarity: Floats) -> tuple[Indices, Indices]:
    """Return rows and columns of the one-to-one assignment of greatest total ``similarity`` (float64 [N, M])."""
    rows, columns = _solve(similarity, maximize=True)
    return rows, columns
