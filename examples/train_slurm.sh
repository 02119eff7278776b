#!/bin/bash
# Train on one node of a SLURM cluster, on as many GPUs as --gpus-per-node requests.
#
#   sbatch examples/train_slurm.sh /data/night1 /data/models/unet1
#   sbatch --gpus-per-node=1 --time=2:00:00 examples/train_slurm.sh sky/ vgg1 vgg8 --epochs 30
#
# Options after DATA MODEL [unet|vgg8] are passed to `napari-iris train`; --batch-size is the total over
# all GPUs. A job that is preempted or reaches its time limit is requeued and resumes after its last
# complete epoch. `tail -f iris-train-JOB.out` shows one line per epoch.

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

# module load cuda            # if the cluster needs it
# source ~/iris/bin/activate  # the environment with napari-iris[gpu]

if [ -e "$model/run/config.json" ]; then set -- --resume "$@"; fi
napari-iris train "$kind" "$data" --out "$model" "$@" &
training=$!

# SLURM sends INT two minutes before the time limit, and TERM on preemption. Both interrupt `wait`.
trap 'kill -INT "$training"' INT TERM
while kill -0 "$training" 2>/dev/null; do wait "$training"; done
wait "$training"
code=$?

# 130: interrupted; all files are complete
if [ "$code" -eq 130 ] && [ -n "${SLURM_JOB_ID:-}" ]; then scontrol requeue "$SLURM_JOB_ID"; fi
exit "$code"
