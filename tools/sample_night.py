"""Make the sample night again: python tools/sample_night.py [sample_data/night]."""

import sys
from pathlib import Path

from napari_iris.sky.sample import write_sample

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "sample_data/night")
folder.mkdir(parents=True, exist_ok=True)
for path in write_sample(folder):
    print(path)
