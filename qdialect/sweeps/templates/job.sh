#!/bin/sh
# One job of a sweep, by its index; a finished one is skipped. In this folder:
#   sh job.sh 3                                      here
#   sbatch --array=0-11 job.sh                       Slurm
#   arguments = job.sh $(Process)                    HTCondor, with executable = /bin/sh
#   seq 0 11 | parallel sh job.sh                    GNU parallel
set -eu
cd "${SLURM_SUBMIT_DIR:-$(dirname "$0")}"
cd "$(printf 'jobs/%05d' "${1:-${SLURM_ARRAY_TASK_ID:?give the index of a job}}")"
if [ -e result.json ]; then
    echo "$PWD: finished"
    exit 0
fi
set -- qdialect.toml -o project --quiet --json
for given in data expected labels; do
    for file in ../../"$given".np[yz]; do
        if [ -e "$file" ]; then set -- "$@" "--$given" "$file"; fi
    done
done
rm -f error.txt
if ! qdialect convert "$@" > result.part 2> error.part; then
    mv error.part error.txt
    cat error.txt >&2
    exit 1
fi
rm error.part
mv result.part result.json
