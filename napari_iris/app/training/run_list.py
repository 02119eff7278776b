"""The models of a folder: listed, selected, renamed, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_iris.app.models import CachedReader, ModelList
from napari_iris.app.training.runs import Run, read_run
from napari_iris.errors import IrisError
from napari_iris.inference.folders import TRASH, delete_model, rename_model
from napari_iris.resources import models_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_iris.app.timers import Timers


class RunList:
    """The models of a folder, and those that are selected.

    Parameters
    ----------
    timers : Timers
        Make timers of the window's thread.

    Attributes
    ----------
    folder : Path or None
        Folder of the models.
    running : Path or None
        Folder of the model that is being trained.
    is_held : bool
        Whether the list is kept as it is, while a name is being edited.
    message : str
        Result of the last action.
    changed : Signal
        The models, or the running one, have changed.
    selection_changed : Signal
        Other models are selected, or the selected ones have changed.
    noted : Signal
        There is another message.
    """

    changed = Signal()
    selection_changed = Signal()
    noted = Signal()

    def __init__(self, timers: Timers) -> None:
        self.folder: Path | None = None
        self.running: Path | None = None
        self.is_held = False
        self.message = ""
        self._selection: tuple[Path, ...] = ()
        self.list: ModelList[Run] = ModelList(timers, CachedReader(read_run), runs=True)
        self.list.changed.connect(self._update)

    def close(self) -> None:
        """Stop background work."""
        self.list.close()

    # --- what there is

    @property
    def runs(self) -> tuple[Run, ...]:
        """The models of the folder."""
        return tuple(run for run in self.list.models if run.folder.parent == self.folder)

    @property
    def shipped(self) -> tuple[Run, ...]:
        """The shipped models."""
        return tuple(run for run in self.list.models if run.folder.parent == models_folder())

    @property
    def selected(self) -> tuple[Run, ...]:
        """The selected models."""
        return tuple(run for run in self.runs if run.folder in self._selection)

    @property
    def hint(self) -> str:
        """Text in place of an empty list."""
        return "No models yet." if self.folder is not None else "Trained models are listed here."

    def set_folder(self, folder: Path | None) -> None:
        """List the models of another folder.

        Parameters
        ----------
        folder : Path or None
            The folder; None for none.
        """
        self.folder = folder
        self.list.set_folders([*([] if folder is None else [folder]), models_folder()])
        self._update()

    def refresh(self) -> None:
        """List the models again: another program may have changed them."""
        if not self.is_held:
            self.list.refresh()

    def set_running(self, folder: Path | None) -> None:
        """Mark the model that is being trained.

        Parameters
        ----------
        folder : Path or None
            Its folder; None for none.
        """
        self.running = folder
        self.changed.emit()

    def select(self, folders: Sequence[Path]) -> None:
        """Select models, also ones that are not listed yet.

        Parameters
        ----------
        folders : sequence of Path
            Their folders.
        """
        if set(folders) != set(self._selection):
            self._selection = tuple(folders)
            self.selection_changed.emit()

    # --- what can be done

    def can(self, action: str) -> bool:
        """Whether an action can be done with the selected models.

        Parameters
        ----------
        action : {'continue', 'evaluate', 'rename', 'delete', 'copy'}
            The action.
        """
        selected = self.selected
        one = selected[0] if len(selected) == 1 else None
        is_idle = self.running not in [run.folder for run in selected]
        if action == "delete":
            return bool(selected) and is_idle
        if one is None:
            return False
        if action == "rename":
            return is_idle
        if action == "copy":
            return one.config is not None
        done = one.state == "finished" or action != "evaluate"
        return one.config is not None and done and self.running is None

    def rename(self, run: Run, name: str) -> None:
        """Rename a model; it stays selected.

        Parameters
        ----------
        run : Run
            The model.
        name : str
            Its new name.
        """
        try:
            folder = rename_model(run.folder, name)
        except IrisError as error:
            self.note(str(error))
        else:
            self.note("")
            self.select([folder])
        self.list.refresh()

    def delete(self) -> None:
        """Move the selected models to the trash."""
        try:
            deleted = [delete_model(run.folder) for run in self.selected]
        except IrisError as error:
            self.note(str(error))
        else:
            self.note(f"Moved to {TRASH}: {', '.join(path.name for path in deleted)}.")
        self.list.refresh()

    def delete_question(self) -> tuple[str, str]:
        """Give the question before a deletion, and what it explains."""
        names = ", ".join(run.name for run in self.selected)
        subject = "It is" if len(self.selected) == 1 else "They are"
        where = f"moved to the folder {TRASH} beside the models and can be restored"
        return f"Delete {names}?", f"{subject} {where}."

    def note(self, text: str) -> None:
        """Show a message.

        Parameters
        ----------
        text : str
            The message; empty for none.
        """
        self.message = text
        self.noted.emit()

    def _update(self) -> None:
        self.changed.emit()
        self.selection_changed.emit()
