"""Types of the public names, which `__getattr__` imports lazily."""

from napari_iris.api.evaluate import evaluate as evaluate
from napari_iris.api.evaluation_result import EvaluationResult as EvaluationResult
from napari_iris.api.mask import mask as mask
from napari_iris.api.models import list_models as list_models
from napari_iris.api.night import Night as Night
from napari_iris.api.open_night import open_night as open_night
from napari_iris.api.predict import predict as predict
from napari_iris.api.read import read_frame as read_frame
from napari_iris.api.references import learn_reference as learn_reference
from napari_iris.api.results import Results as Results
from napari_iris.api.simulate import simulate as simulate
from napari_iris.errors import IrisError as IrisError
from napari_iris.evaluation.config import EvaluateConfig as EvaluateConfig
from napari_iris.frames.frame import Frame as Frame
from napari_iris.inference.config import PredictConfig as PredictConfig
from napari_iris.inference.folders import ModelEntry as ModelEntry
from napari_iris.inference.prediction_file import Prediction as Prediction
from napari_iris.masks.config import MaskConfig as MaskConfig
from napari_iris.masks.make import CloudMask as CloudMask
from napari_iris.project.project import Project as Project
from napari_iris.radiometry.reference_set import ReferenceSet as ReferenceSet
from napari_iris.sky.config import SimulationConfig as SimulationConfig
from napari_iris.sky.observe import SimulatedFrame as SimulatedFrame

__version__: str
__all__: list[str]
