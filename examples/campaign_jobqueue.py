"""A campaign on 16 nodes of SLURM, whose workers dask-jobqueue starts and ends.

python examples/campaign_jobqueue.py predict unet-lwir '/data/archive/**/*.fits' --out results/

Run it on a node that the others can reach, such as the login node. Needs `pip install
dask-jobqueue`; other queues have similar classes (https://jobqueue.dask.org).
"""

import sys

from dask_jobqueue import SLURMCluster

from napari_iris.cli.main import main

if __name__ == "__main__":
    with SLURMCluster(cores=4, processes=1, memory="16GB", walltime="04:00:00") as cluster:
        cluster.scale(jobs=16)  # they join as the queue lets them
        sys.exit(main([*sys.argv[1:], "--scheduler", cluster.scheduler_address]))
