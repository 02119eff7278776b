"""Cloud masks for thermal sky cameras: a napari plugin, a command line, and a Python library.

>>> import napari_iris as iris
>>> iris.mask(iris.simulate(1, sky="clear")[0]).sky
'clear'
"""

__version__ = "0.1.0"

_MODULES = {
    "read_frame": "api.read",
    "open_night": "api.open_night",
    "mask": "api.mask",
    "predict": "api.predict",
    "evaluate": "api.evaluate",
    "learn_reference": "api.references",
    "simulate": "api.simulate",
    "list_models": "api.models",
    "Project": "project.project",
    "Night": "api.night",
    "Results": "api.results",
    "Frame": "frames.frame",
    "CloudMask": "masks.make",
    "Prediction": "inference.prediction_file",
    "EvaluationResult": "api.evaluation_result",
    "ReferenceSet": "radiometry.reference_set",
    "SimulatedFrame": "sky.observe",
    "ModelEntry": "inference.folders",
    "MaskConfig": "masks.config",
    "PredictConfig": "inference.config",
    "EvaluateConfig": "evaluation.config",
    "SimulationConfig": "sky.config",
    "IrisError": "errors",
}
"""Module of each public name, imported when the name is first used; types are in __init__.pyi."""

__all__ = ["__version__", *_MODULES]  # noqa: PLE0604 (all of them are strings)


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
