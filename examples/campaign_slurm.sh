#!/bin/sh
# Masks and predictions of an archive by a job array of SLURM, 64 tasks that need not communicate,
# and a last job that joins what they wrote.
#
#   sh examples/campaign_slurm.sh '/data/archive/**/*.fits' /data/results
#
# Tasks that were killed or ran out of time continue where they stopped when this is run again. The
# reference is learned once, so that no task reads more than its own frames.
#SBATCH --job-name=iris-campaign
#SBATCH --array=1-64
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00

set -eu
frames=$1
out=$2

case "${SLURM_ARRAY_TASK_ID:-}" in
"") # not a task of the array: learn the reference, submit the array and the merge
    mkdir -p "$out"
    napari-iris reference learn "$frames" --out "$out/camera.fits"
    job=$(sbatch --parsable "$0" "$frames" "$out")
    sbatch --dependency="afterany:$job" --wrap "napari-iris merge '$out'"
    ;;
*)
    napari-iris predict unet-lwir "$frames" --out "$out" --reference "$out/camera.fits" --shard
    ;;
esac
