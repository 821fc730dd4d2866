"""Networks on other accelerators by ONNX Runtime (the extra ``onnxruntime``, or one of its builds for a given device)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.platform.errors import MissingPartError, ModelError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from numpy.typing import NDArray

    from consentry.vision.manifest import Layout

__all__ = ["OnnxRuntimeNetwork"]

REMOTE = "AzureExecutionProvider"
"""The one provider that would send pictures over a network; it is never used."""


class OnnxRuntimeNetwork:
    """A network on the first accelerator that the installed ONNX Runtime offers, else on the CPU."""

    def __init__(self, path: Path, layout: Layout, *, threads: int) -> None:
        """Read the file at ``path``.

        Raises:
            MissingPartError: ``part.onnxruntime`` where ONNX Runtime is not installed.
            ModelError: ``model.network`` where it cannot read the file.
        """
        runtime = _loaded()
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        providers = [name for name in runtime.get_available_providers() if name != REMOTE]
        try:
            self._session: Any = runtime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # ONNX Runtime's errors share no base class below Exception
            raise ModelError("model.network", str(path), f"ONNX Runtime cannot read it ({error})", "Pull or import the model again") from error
        self._input = self._session.get_inputs()[0].name
        self._mean = np.asarray(layout.mean, np.float32)
        self._factor = 1 / np.asarray(layout.scale, np.float32)
        self._threads = threads

    @property
    def description(self) -> str:
        """Runtime, device and threads in words."""
        return f"ONNX Runtime, {self._session.get_providers()[0]}, threads: {self._threads}"

    def infer(self, picture: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        """Return the outputs for one picture; see ``Network``."""
        planes = ((picture - self._mean) * self._factor).transpose(2, 0, 1)[None]
        return tuple(self._session.run(None, {self._input: np.ascontiguousarray(planes, np.float32)}))


def _loaded() -> ModuleType:
    try:
        runtime = import_module("onnxruntime")
    except ImportError as error:
        raise MissingPartError("part.onnxruntime", "onnxruntime", "it is not installed", "Run: pip install 'consentry[onnxruntime]'") from error
    runtime.disable_telemetry_events()
    return runtime
