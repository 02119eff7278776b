"""The form of a training run: its rows are the fields of the config, as published at first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_iris.commands.configs import NETWORK, TRAIN
from napari_iris.desk.forms.field import FieldEdit
from napari_iris.desk.forms.folder import FolderEdit
from napari_iris.desk.forms.line import text_line
from napari_iris.networks.plan import count_parameters
from napari_iris.networks.spec import CHANNELS, NetworkSpec
from napari_iris.training.config import PUBLISHED, TrainConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_iris.desk.train.runs import Run
    from napari_iris.networks.spec import Kind

LABELS = {
    "kind": "network",
    "batch_size": "frames a step",
    "aug_batch_size": "augmented beside",
    "val_batch_size": "validated a step",
    "halve_every": "halve the rate every",
    "percent": "split [%]",
    "gap_s": "gap [s]",
    "shape": "input size",
    "simulated": "simulated frames",
}
"""What rows are called that are not called like their field."""

FIRST = ("kind", "engine", "channels", "epochs", "batch_size", "aug_batch_size", "learning_rate")
"""Rows that are always in view."""

FOLDED, OPEN = "▸ more", "▾ more"
"""What the button says that shows and hides the other rows."""

NEW_WEIGHTS = "new weights"
WRONG = "#e63946"
"""Colour of what is wrong."""


class TrainForm(QWidget):
    """Network, engine and numbers of a run.

    Attributes
    ----------
    changed : Signal
        Another value is shown.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kind: Kind = "unet"
        usual = TrainConfig.of(NetworkSpec(kind="unet"))
        values = {name: getattr(usual.network, name) for name in ("kind", *NETWORK.names)}
        values |= {name: getattr(usual, name) for name in TRAIN.names if name != "masks"}
        known = {**NetworkSpec.model_fields, **TrainConfig.model_fields}
        self.rows = {name: FieldEdit(name, known[name], value) for name, value in values.items()}
        self.init = QComboBox()
        self.init.setToolTip("Model that the training starts from")
        self.init.addItem(NEW_WEIGHTS, "")
        self.init.activated.connect(self._start_from)
        self.evaluate = QCheckBox()
        self.evaluate.setChecked(True)
        self.evaluate.setToolTip("At the end, calibrate and measure it on frames it has not seen")
        self.predictions = FolderEdit("Keep what it predicts then")
        self._models: dict[str, Run] = {}
        self.line = text_line()
        self._lay_out()
        for row in self.rows.values():
            row.changed.connect(self._follow)
        self._follow()

    def _lay_out(self) -> None:
        self.others = _form(row for name, row in self.rows.items() if name not in FIRST)
        self.others.layout().addRow("start from", self.init)
        self.others.layout().addRow("measure at the end", self.evaluate)
        self.others.layout().addRow("predictions into", self.predictions.native)
        self.others.hide()
        self.more = QPushButton(FOLDED)
        self.more.setStyleSheet("text-align: left; background: transparent;")
        self.more.setToolTip("Show or hide the other options")
        self.more.clicked.connect(self._unfold)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(_form(self.rows[name] for name in FIRST))
        layout.addWidget(self.line)
        layout.addWidget(self.more)
        layout.addWidget(self.others)

    def _unfold(self) -> None:
        """Show the other rows, or hide them again."""
        self.others.setVisible(self.others.isHidden())
        self.more.setText(FOLDED if self.others.isHidden() else OPEN)

    def offer(self, models: Sequence[Run]) -> None:
        """Offer models to start from."""
        found = {str(run.folder): run for run in models if run.has_model}
        same, self._models = list(found) == list(self._models), found
        if same:
            return  # the list may be open
        chosen = self.init.currentData()
        self.init.clear()
        self.init.addItem(NEW_WEIGHTS, "")
        for folder, run in self._models.items():
            self.init.addItem(run.name, folder)
        self.init.setCurrentIndex(max(self.init.findData(chosen), 0))

    def _start_from(self) -> None:
        """Take over the network of the model that is to be started from."""
        run = self._models.get(self.init.currentData())
        if run is not None and run.network is not None:
            for name in ("kind", *NETWORK.names):
                self.rows[name].set(getattr(run.network, name))
        self.changed.emit()

    @property
    def rest(self) -> dict[str, Any]:
        """What is chosen beside the config, as `train_command` takes it."""
        kept = self.predictions.value
        return {
            "init": self.init.currentData(),
            "evaluate": self.evaluate.isChecked(),
            "predictions": None if kept is None else Path(kept).expanduser().absolute(),
        }

    def config(self, masks: str = "approved") -> TrainConfig | None:
        """Give the config that the form shows, or None where a value is out of its range."""
        return self._read(masks)[0]

    @property
    def problem(self) -> str:
        """What is wrong with what the form shows; empty for nothing."""
        return self._read("approved")[1]

    def _read(self, masks: str) -> tuple[TrainConfig | None, str]:
        values = {name: row.value for name, row in self.rows.items()}
        network = {name: values.pop(name) for name in ("kind", *NETWORK.names)}
        if not network["channels"]:
            return None, "channels: give one number a level, as 64 128 256"
        try:
            spec = NetworkSpec.model_validate(network)
            return TrainConfig.model_validate({**values, "network": spec, "masks": masks}), ""
        except ValidationError as error:
            return None, _in_words(error)

    def _follow(self) -> None:
        """Take over the published values of another network; say how large it is."""
        kind = self.rows["kind"].value
        if kind != self._kind:
            before, self._kind = _published(self._kind), kind
            for name, value in _published(kind).items():
                if self.rows[name].shows(before.get(name)):
                    self.rows[name].set(value)
        config, problem = self._read("approved")
        self.line.setStyleSheet(f"color: {WRONG};" if problem else "")
        if config is not None:
            problem = f"{count_parameters(config.network):,} parameters"
        self.line.setText(problem)
        self.changed.emit()


def _published(kind: Kind) -> dict[str, Any]:
    """Values of a network's published runs."""
    return {**PUBLISHED[kind], "channels": CHANNELS[kind]}


def _form(rows: Iterable[FieldEdit]) -> QWidget:
    """Put rows below one another, each with its label."""
    form = QWidget()
    layout = QFormLayout(form)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for row in rows:
        label = QLabel(_label(row.name))
        label.setToolTip(row.widget.toolTip())
        label.setBuddy(row.widget)
        row.widget.setAccessibleName(label.text())
        layout.addRow(label, row.widget)
    return form


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def _in_words(error: ValidationError) -> str:
    """Say what is wrong with the first field that is."""
    first = error.errors()[0]
    reason = str(first["msg"]).removeprefix("Value error, ")
    if not first["loc"]:
        return reason
    return f"{_label(str(first['loc'][0]))}: {reason[0].lower()}{reason[1:]}"
