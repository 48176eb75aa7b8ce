#!/usr/bin/env python3
"""Reads a run from an MLflow server with MLflow's own client and compares it with metrics.jsonl.

    pip install mlflow
    mlflow server --port 5000 &
    MLFLOW_TRACKING_URI=http://127.0.0.1:5000 mtnet train RUN.toml 'train.report_to=["mlflow"]'
    python mlflow_check.py runs/NAME

Every number of every step, evaluation and look at the gradients must be there under its name and step,
and every setting of run.toml as a parameter. One JSON object is written; the exit code is 1 if
something differs. Only runs that were not taken back to a checkpoint can be compared.
"""

import json
import math
import pathlib
import re
import sys
import tomllib

import mlflow

from logged_numbers import expected


def main():
    folder = pathlib.Path(sys.argv[1])
    place = json.loads((folder / "mlflow.json").read_text())
    client = mlflow.MlflowClient(place["tracking_uri"])
    run = client.get_run(place["run_id"])
    found = {}
    for name in run.data.metrics:
        for metric in client.get_metric_history(run.info.run_id, name):
            found[name, metric.step] = metric.value
    wrong, numbers = [], 0
    for tag, step, value in expected(folder):
        numbers += 1
        name = re.sub(r"[^\w\-. /]", "_", tag)
        want = math.nan if value is None else value
        got = found.pop((name, step), None)
        if got is None or (got != want and not (math.isnan(got) and math.isnan(want))):
            wrong.append({"name": name, "step": step, "found": got, "expected": want})
    settings = tomllib.loads((folder / "run.toml").read_text())
    seed = run.data.params.get("run.seed")
    if seed != str(settings["run"]["seed"]):
        wrong.append({"name": "run.seed", "found": seed, "expected": settings["run"]["seed"]})
    print(json.dumps({"mlflow": mlflow.__version__, "status": run.info.status, "numbers": numbers,
                      "parameters": len(run.data.params), "wrong": wrong[:10], "extra": [str(key) for key in found][:10]}))
    return 1 if wrong or found or not numbers else 0


if __name__ == "__main__":
    sys.exit(main())
