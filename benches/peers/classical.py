"""The classical baselines of `mtnet compare` as scikit-learn computes them, on the quick-start data.

    python classical.py DATA [COMPARE.json]     # DATA: data/quickstart

The same features (TF-IDF of words and word pairs, and of two to four characters inside words; sublinear,
30,000 terms of each at most), the same penalties (C from {1, 10, 100}, chosen on dev), test scores.
With the report of a comparison, its scores and the differences in points stand beside them.
Tagging is not in scikit-learn: a linear-chain CRF of sklearn-crfsuite on similar features is printed where
it is installed, as a stronger relative of the project's averaged perceptron, not as the same model.
"""

import csv
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import MultiLabelBinarizer

warnings.filterwarnings("ignore", message="Label not .* is present")
DATA = Path(sys.argv[1])
OURS = {}
if len(sys.argv) > 2:
    for task in json.load(open(sys.argv[2], encoding="utf-8"))["tasks"]:
        for method in task["methods"]:
            if method["method"] == "classical":
                OURS[task["task"]] = method["mean"]["value"]


def features():
    common = {"sublinear_tf": True, "max_features": 30000}
    return FeatureUnion([
        ("words", TfidfVectorizer(token_pattern=r"(?u)\w+", ngram_range=(1, 2), **common)),
        ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **common)),
    ])


def tell(task, metric, score, chosen):
    line = {"task": task, "metric": metric, "scikit_learn": round(score, 4), "chosen": chosen}
    if task in OURS:
        line |= {"ours": round(OURS[task], 4), "points": round(100 * (OURS[task] - score), 2)}
    print(json.dumps(line), flush=True)


def best(task, metric, rows, make, score):
    (train, y), (dev, dy), (test, ty) = rows
    vectors = features().fit(train)
    x, dx, tx = (vectors.transform(texts) for texts in (train, dev, test))
    found = []
    for c in (1, 10, 100):
        model = make(LogisticRegression(C=c, max_iter=5000)).fit(x, y)
        found.append((score(dy, model.predict(dx)), -c, model))
    _, c, model = max(found, key=lambda entry: entry[:2])
    tell(task, metric, score(ty, model.predict(tx)), f"C = {-c}")


def table(name, split):
    with open(DATA / name / f"{split}.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [r["text"] for r in rows], [r["label"] for r in rows]


def lines(name, split):
    return [json.loads(line) for line in open(DATA / name / f"{split}.jsonl", encoding="utf-8")]


SPLITS = ("train", "dev", "test")
for name in ("topic", "sentiment"):
    best(name, "accuracy", [table(name, split) for split in SPLITS], lambda m: m, accuracy_score)

requests = [lines("assistant", split) for split in SPLITS]
intents = [([" ".join(r["tokens"]) for r in rows], [r["intent"] for r in rows]) for rows in requests]
best("intent", "accuracy", intents, lambda m: m, accuracy_score)

banking = [lines("banking", split) for split in SPLITS]
labels = MultiLabelBinarizer().fit([r["labels"] for r in banking[0]])
rows = [([r["text"] for r in part], labels.transform([r["labels"] for r in part])) for part in banking]
best("banking", "micro_f1", rows, OneVsRestClassifier, lambda t, p: f1_score(t, p, average="micro", zero_division=0))

try:
    import sklearn_crfsuite
except ImportError:
    sys.exit()


def word(words, at):
    near = lambda o: words[at + o].lower() if 0 <= at + o < len(words) else "<>"
    found = {f"{o}": near(o) for o in range(-2, 3)} | {"w": words[at], "bias": "1"}
    found |= {f"{a}+": f"{near(a)} {near(a + 1)}" for a in range(-2, 2)}
    lower = words[at].lower()
    for n in range(1, 1 + min(4, len(lower))):
        found |= {f"p{n}": lower[:n], f"e{n}": lower[-n:]}
    return found


def spans(tags):
    found, start = set(), None
    for at, tag in enumerate(list(tags) + ["O"]):
        if start is not None and not (tag.startswith("I-") and tag[2:] == kind):
            found.add((start, at, kind))
            start = None
        if tag != "O" and start is None:
            start, kind = at, tag[2:]
    return found


train, test = ([[word(r["tokens"], i) for i in range(len(r["tokens"]))] for r in part] for part in (requests[0], requests[2]))
model = sklearn_crfsuite.CRF(c1=0.1, c2=0.1, max_iterations=100).fit(train, [r["slots"] for r in requests[0]])
right = found = true = 0
for r, tags in zip(requests[2], model.predict(test)):
    truth, guess = spans(r["slots"]), spans(tags)
    right, found, true = right + len(truth & guess), found + len(guess), true + len(truth)
tell("slots", "entity_f1", 2 * right / max(1, found + true), "CRF, c1 = c2 = 0.1")
