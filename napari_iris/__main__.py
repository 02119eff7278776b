"""Run the command line as ``python -m napari_iris``."""

import sys

from napari_iris.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
