#!/usr/bin/env python3
"""Reads a run's TensorBoard files with TensorBoard itself and compares them with metrics.jsonl.

    pip install tensorboard
    python tensorboard_check.py runs/quickstart          # trained with train.report_to=["tensorboard"]

Checksums are verified by TensorBoard's reader. Every number of every step, evaluation and look at
the gradients must be there under its tag, as a 32-bit float. One JSON object is written; the exit
code is 1 if something differs.
"""

import json
import math
import pathlib
import struct
import sys

from tensorboard import version
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from logged_numbers import expected


def single(value):
    return struct.unpack("f", struct.pack("f", math.nan if value is None else value))[0]


def main():
    folder = pathlib.Path(sys.argv[1])
    events = EventAccumulator(str(folder / "tb"), size_guidance={"scalars": 0})
    events.Reload()
    found = {tag: {e.step: e.value for e in events.Scalars(tag)} for tag in events.Tags()["scalars"]}
    numbers, last = {}, 0
    for tag, step, value in expected(folder):
        if step < last:
            # The run went back to a checkpoint: what it had done since is void.
            numbers = {key: kept for key, kept in numbers.items() if key[1] < step}
        last = step
        numbers[tag, step] = value
    wrong = []
    for (tag, step), value in numbers.items():
        got, want = found.get(tag, {}).get(step), single(value)
        if got is None or (got != want and not (math.isnan(got) and math.isnan(want))):
            wrong.append({"tag": tag, "step": step, "found": got, "expected": want})
    extra = [(tag, step) for tag, steps in found.items() for step in steps if (tag, step) not in numbers]
    print(json.dumps({"tensorboard": version.VERSION, "tags": len(found), "numbers": len(numbers),
                      "wrong": wrong[:10], "extra": extra[:10], "files": len(list((folder / "tb").iterdir()))}))
    return 1 if wrong or extra or not numbers else 0


if __name__ == "__main__":
    sys.exit(main())
