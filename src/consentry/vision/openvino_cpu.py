"""Networks on the CPU by OpenVINO."""

from __future__ import annotations

import sys
from collections import OrderedDict
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from consentry.platform.errors import ModelError
from consentry.vision.manifest import Precision

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from numpy.typing import NDArray

    from consentry.vision.manifest import Layout

__all__ = ["OpenVinoNetwork", "load_openvino"]

SHAPES_KEPT = 6
"""Compiled sizes kept of an any-size network. One compiled size each is 1.2 to 1.4 times as fast as OpenVINO's dynamic shapes, also when sizes alternate."""


def load_openvino() -> ModuleType:
    """Import OpenVINO without its usage reports.

    ``import openvino`` alone reports to a web service through the package ``openvino_telemetry`` (opt-out); OpenVINO has a stub for the
    case that this package is absent, so it is made absent for this process.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None makes an import fail (importlib's documented switch)
    import_module("openvino.preprocess")
    return import_module("openvino")


class OpenVinoNetwork:
    """A network on the CPU; colours are normalised inside the graph, so a picture goes in as it is."""

    def __init__(self, path: Path, layout: Layout, *, threads: int, precision: Precision) -> None:
        """Read the file at ``path``. With ``auto``, bf16 is taken where the CPU computes it natively.

        Raises:
            ModelError: ``model.network`` where OpenVINO cannot read it.
        """
        self._openvino: Any = load_openvino()
        self._core = self._openvino.Core()
        self._precision = self._decided(precision)
        self._threads = threads
        self._requests: OrderedDict[tuple[int, ...], Any] = OrderedDict()
        try:
            self._model = self._prepared(self._cut(self._core.read_model(path), layout.outputs), layout)
        except (RuntimeError, KeyError) as error:
            raise ModelError("model.network", str(path), f"OpenVINO cannot read it ({error})", "Pull or import the model again") from error

    @property
    def description(self) -> str:
        """Runtime, device, precision and threads in words."""
        return f"OpenVINO {self._openvino.__version__.split('-')[0]}, CPU, {self._precision}, threads: {self._threads}"

    def infer(self, picture: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        """Return the outputs for one picture; see ``Network``. The first picture of a size costs a compilation (under a second)."""
        request = self._request((1, *picture.shape))
        request.infer({0: np.ascontiguousarray(picture)[None]}, share_inputs=True)
        return tuple(tensor.data for tensor in request.output_tensors)

    def infer_batch(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        """Return copies of the outputs for pictures of one size, uint8 [N, h, w, 3], with N as their first axis.

        A graph with a fixed first axis is shown them one by one: its reshaping inside would mix them. Otherwise each N is compiled once.
        """
        if self._model.input(0).partial_shape[0].is_static:
            return self._one_by_one(pictures)
        request = self._request(pictures.shape)
        request.infer({0: np.ascontiguousarray(pictures)}, share_inputs=True)
        return tuple(tensor.data.copy() for tensor in request.output_tensors)

    def _one_by_one(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        """Return the outputs in arrays of their own, with no other copy of them left in memory."""
        joined: tuple[NDArray[Any], ...] = ()
        for number, picture in enumerate(pictures):
            outputs = self.infer(picture)
            joined = joined or tuple(np.empty((len(pictures), *output.shape[1:]), output.dtype) for output in outputs)
            for whole, output in zip(joined, outputs, strict=True):
                whole[number] = output[0]
        return joined

    def _request(self, shape: tuple[int, ...]) -> Any:  # noqa: ANN401  - OpenVINO is loaded late, so its types have no name here
        if shape not in self._requests:
            if len(self._requests) == SHAPES_KEPT:
                self._requests.popitem(last=False)
            self._requests[shape] = self._compiled(shape)
        self._requests.move_to_end(shape)
        return self._requests[shape]

    def _compiled(self, shape: tuple[int, ...]) -> Any:  # noqa: ANN401
        model = self._model.clone()
        model.reshape(list(shape))
        settings = {
            "INFERENCE_NUM_THREADS": self._threads,
            "INFERENCE_PRECISION_HINT": str(self._precision),
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        return self._core.compile_model(model, "CPU", settings).create_infer_request()

    def _decided(self, precision: Precision) -> Precision:
        if precision is not Precision.AUTO:
            return precision
        native = "BF16" in self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        return Precision.BF16 if native else Precision.F32

    def _cut(self, model: Any, names: tuple[str, ...]) -> Any:  # noqa: ANN401
        """Return the part of the graph that computes the tensors called ``names``; all of it without names."""
        if not names:
            return model
        ports = {name: port for node in model.get_ordered_ops() for port in node.outputs() for name in port.get_names()}
        return self._openvino.Model([ports[name] for name in names], model.get_parameters())

    def _prepared(self, model: Any, layout: Layout) -> Any:  # noqa: ANN401
        openvino = self._openvino
        steps = openvino.preprocess.PrePostProcessor(model)
        entry = steps.input(0)
        entry.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
        entry.preprocess().convert_element_type(openvino.Type.f32).mean(list(layout.mean)).scale(list(layout.scale))
        entry.model().set_layout(openvino.Layout(layout.axes))
        return steps.build()
