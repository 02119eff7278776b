"""A campaign on a Dask cluster of this machine: one worker per core, each with one thread.

python examples/campaign_local.py mask '/data/archive/**/*.fits' --out masks/
"""

import sys

from distributed import LocalCluster

from napari_iris.cli.main import main

if __name__ == "__main__":  # the workers import this file, too
    with LocalCluster(threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        sys.exit(main([*sys.argv[1:], "--scheduler", cluster.scheduler_address]))
