"""Runs networks: one small port, OpenVINO on the CPU by default, ONNX Runtime for other accelerators, a fake for tests."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from consentry.platform.errors import ModelError
from consentry.vision.manifest import Precision

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from consentry.vision.manifest import Layout, ModelEntry

    Outputs = tuple[NDArray[Any], ...]

__all__ = ["FakeNetwork", "Network", "Runtime", "layout_of", "open_network"]


class Runtime(StrEnum):
    """Who computes: ``openvino`` (this CPU) or ``onnxruntime`` (the accelerator of an installed ONNX Runtime)."""

    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"


class Network(Protocol):
    """A loaded network with a fixed number of threads; not to be shared between threads of the caller."""

    @property
    def description(self) -> str:
        """Runtime, device, precision and threads in words."""
        ...

    def infer(self, picture: NDArray[np.uint8]) -> Outputs:
        """Return the outputs, in the order of the graph, for one picture (uint8 [h, w, 3], colours in the order of the layout, of a size the network takes).

        The arrays are valid until the next call.
        """
        ...


class FakeNetwork:
    """Answers every picture with what a function returns, and remembers the sizes it was shown; for tests."""

    description = "fake"

    def __init__(self, answer: Callable[[NDArray[np.uint8]], Outputs]) -> None:
        """Take the function that stands for the network."""
        self._answer = answer
        self.sizes: list[tuple[int, int]] = []

    def infer(self, picture: NDArray[np.uint8]) -> Outputs:
        """Return the function's answer; see ``Network``."""
        self.sizes.append((picture.shape[1], picture.shape[0]))
        return self._answer(picture)


def open_network(model: ModelEntry, path: Path, *, threads: int = 1, precision: Precision = Precision.AUTO, runtime: Runtime = Runtime.OPENVINO) -> Network:
    """Load the weights at ``path``, which must be verified, with exactly ``threads`` threads.

    Raises:
        ModelError: ``model.network`` where the runtime cannot load the file or the model has no network.
        MissingPartError: ``part.onnxruntime`` where that runtime is asked for and not installed.
    """
    layout = layout_of(model)
    # Each runtime takes a second to import, so it is loaded only when a network is.
    if runtime is Runtime.ONNXRUNTIME:
        from consentry.vision.onnxruntime_device import OnnxRuntimeNetwork  # noqa: PLC0415

        return OnnxRuntimeNetwork(path, layout, threads=threads)
    from consentry.vision.openvino_cpu import OpenVinoNetwork  # noqa: PLC0415

    wanted = Precision.F32 if precision is Precision.AUTO and not model.bf16_holds else precision
    return OpenVinoNetwork(path, layout, threads=threads, precision=wanted)


def layout_of(model: ModelEntry) -> Layout:
    """Return the input layout of the model's network.

    Raises:
        ModelError: ``model.network`` where the model has none.
    """
    if model.layout is None:
        raise ModelError("model.network", model.name, "this model is not a network", "Use it by its own detector")
    return model.layout
