"""The fixed workload of the peers and of the Rust benchmarks: 64 batches of 32 sequences.

Lengths stand in `lengths.json`: log-normal with median 25 tokens and sigma 0.6, rounded and clipped
to 4..=128, `[CLS]` and `[SEP]` included. Token ids and labels follow from integer arithmetic alone,
which README.md states with a test vector, so that every program computes the same ones.

    python workload.py                # prints the test vector and what the batches look like
    python workload.py --write        # draws the lengths again (numpy's PCG64, seed 1)
"""

import argparse
import json
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

PATH = Path(__file__).with_name("lengths.json")
BATCH = 32
CLS, SEP, FIRST_WORD = 101, 102, 1000
MULTIPLIER, INCREMENT, SEED = 6364136223846793005, 1442695040888963407, 1


def lengths():
    """Tokens of each sequence, as 64 lists of 32 in the order in which texts arrive."""
    return json.loads(PATH.read_text())["batches"]


def sequences(vocabulary):
    """The token ids of all 2048 sequences, in order of arrival."""
    cumulative = list(accumulate((1 << 24) // rank for rank in range(1, vocabulary - FIRST_WORD + 1)))
    state, made = SEED, []
    for length in (length for batch in lengths() for length in batch):
        ids = [CLS]
        for _ in range(length - 2):
            state = (state * MULTIPLIER + INCREMENT) % (1 << 64)
            point = ((state >> 32) * cumulative[-1]) >> 32
            ids.append(FIRST_WORD + bisect_right(cumulative, point))
        made.append(ids + [SEP])
    return made


def label(sequence, task=0):
    """The class in 0..4 of the sequence with that number: two bits of the number for each task."""
    return (sequence >> (2 * task)) & 3


def order(grouped):
    """Numbers of the sequences, 32 a batch: as they come, or sorted by length (ties as they come)."""
    flat = [length for batch in lengths() for length in batch]
    numbers = range(len(flat))
    numbers = sorted(numbers, key=flat.__getitem__) if grouped else list(numbers)
    return [numbers[at : at + BATCH] for at in range(0, len(numbers), BATCH)]


def chosen(steps, grouped):
    """`steps` batches, evenly spaced, so that few steps still meet short and long ones."""
    batches = order(grouped)
    return [batches[(2 * step + 1) * len(batches) // (2 * steps) % len(batches)] for step in range(steps)]


def padded(rows, padding=0):
    """Ids and mask as lists of rows of the longest row's length."""
    width = max(map(len, rows))
    ids = [row + [padding] * (width - len(row)) for row in rows]
    return ids, [[1] * len(row) + [0] * (width - len(row)) for row in rows]


def write():
    import numpy as np

    drawn = 25 * np.exp(0.6 * np.random.default_rng(1).standard_normal((64, BATCH)))
    rows = np.clip(np.rint(drawn), 4, 128).astype(int).tolist()
    lines = ",\n    ".join(json.dumps(row, separators=(",", ":")) for row in rows)
    head = '"median": 25, "sigma": 0.6, "shortest": 4, "longest": 128, "seed": 1'
    PATH.write_text(f'{{\n  {head},\n  "batches": [\n    {lines}\n  ]\n}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="draw lengths.json again")
    parser.add_argument("--vocabulary", type=int, default=30522, help="number of token ids (default 30522)")
    args = parser.parse_args()
    if args.write:
        write()
    rows = sequences(args.vocabulary)
    real = sum(map(len, rows))
    print(json.dumps({"vocabulary": args.vocabulary, "sequence_0": rows[0], "sequence_2047": rows[-1],
                      "tokens": real, "sum_of_ids": sum(map(sum, rows)), "distinct": len(set(sum(rows, [])))}))
    for grouped in (False, True):
        shape = [(len(batch), max(len(rows[i]) for i in batch)) for batch in order(grouped)]
        fill = real / sum(count * longest for count, longest in shape)
        print(json.dumps({"grouped": grouped, "batches": len(shape), "fill": round(fill, 4)}))


if __name__ == "__main__":
    main()
