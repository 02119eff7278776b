#!/bin/bash
# Train on one node of a SLURM cluster, with as many of its GPUs as --gpus-per-node says.
#
#   sbatch examples/train_slurm.sh /data/night1 /data/models/unet1
#   sbatch --gpus-per-node=1 --time=2:00:00 examples/train_slurm.sh sky/ vgg1 vgg8 --epochs 30
#
# What comes after DATA MODEL [unet|vgg8] goes to `napari-iris train`; its --batch-size is that of all
# GPUs together. A job that is preempted, or comes to its time limit, is put into the queue again and
# goes on from its last whole epoch. `tail -f iris-train-JOB.out` shows a line an epoch.

#SBATCH --job-name=iris-train
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=16
#SBATCH --mem=64G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.out
#SBATCH --signal=B:INT@120

set -u
if [ $# -lt 2 ]; then
    echo "usage: sbatch $0 DATA MODEL [unet|vgg8] [OPTIONS]" >&2
    exit 2
fi
data=$1 model=$2 kind=${3:-unet}
shift $(($# > 2 ? 3 : 2))

# module load cuda            # what the cluster needs, if anything
# source ~/iris/bin/activate  # where napari-iris[gpu] is installed

if [ -e "$model/run/config.json" ]; then set -- --resume "$@"; fi
napari-iris train "$kind" "$data" --out "$model" "$@" &
training=$!

# SLURM sends INT two minutes before the time limit, and TERM where it preempts. Either ends `wait`.
trap 'kill -INT "$training"' INT TERM
while kill -0 "$training" 2>/dev/null; do wait "$training"; done
wait "$training"
code=$?

# 130: it was stopped; all that is done is whole
if [ "$code" -eq 130 ] && [ -n "${SLURM_JOB_ID:-}" ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$code"
