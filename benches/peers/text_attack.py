"""The same model under TextAttack's DeepWordBug, on the texts that `mtnet attack` was given.

    mtnet attack MODEL --data RUN.toml --task TASK --examples 500 --output ours.jsonl
    python text_attack.py --mtnet PATH_OF_MTNET --model MODEL --results ours.jsonl

The model answers through `mtnet predict --input -`, a process that reads and writes JSON lines, so both
harnesses ask the very same program. `mtnet predict` answers 256 lines at a time: requests are filled up
with one-word texts.

Constraints are those of the recipe: every word once, function words untouched, at most 30 edits. The list
of function words is ours (`--stop-words`, by default read from the crate's source), in lower case and with
a capital, because TextAttack's own comes from a download and tells upper and lower case apart.

Needs `pip install textattack` (0.3.11). Packages that only its other recipes import are replaced by
stand-ins where they are not installed.
"""

import argparse
import importlib.util
import json
import random
import re
import subprocess
import sys
import time
import types
from pathlib import Path
from unittest.mock import MagicMock

CHUNK = 256
STATUS = {"successful": 1, "failed": 0, "skipped": None}
UNUSED = ("flair", "bert_score", "OpenHowNet", "language_tool_python", "tensorflow_hub", "sentence_transformers",
          "stanza", "pinyin", "jieba", "word2number", "num2words", "lemminflect", "gensim")
ROOT = Path(__file__).resolve().parents[2]


def stand_in(names):
    """Lets `import NAME` and `import NAME.x` succeed for what is not installed."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    for name in missing:
        sys.modules[name] = MagicMock()
        for part in ("data", "models"):
            sys.modules[f"{name}.{part}"] = MagicMock()
    return missing


class Model:
    """`mtnet predict` as a process."""

    def __init__(self, mtnet, model, task):
        self.task = task
        command = [mtnet, "predict", model, "--task", task, "--input", "-"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.labels = sorted(score["label"] for score in self.ask(["a"])[0]["scores"])

    def ask(self, texts):
        lines = [json.dumps({"text": text}) for text in texts]
        lines += [json.dumps({"text": "a"})] * (-len(lines) % CHUNK)
        answers = []
        for start in range(0, len(lines), CHUNK):
            self.process.stdin.write("\n".join(lines[start:start + CHUNK]) + "\n")
            self.process.stdin.flush()
            answers += [json.loads(self.process.stdout.readline())[self.task] for _ in range(CHUNK)]
        return answers[:len(texts)]

    def probabilities(self, texts):
        rows = []
        for answer in self.ask(list(texts)):
            scores = {score["label"]: score["score"] for score in answer["scores"]}
            row = [scores[label] for label in self.labels]
            rows.append([value / sum(row) for value in row])
        return rows


def stop_words(path):
    source = path.read_text(encoding="utf-8")
    listed = source[source.index("STOP_WORDS: &[&str] = &["):source.index("];")]
    words = re.findall(r'"([^"]+)"', listed)
    return set(words) | {word.capitalize() for word in words}


def wilson(part, whole):
    z = 1.959963984540054
    p = part / whole
    middle, half = p + z * z / (2 * whole), z * (p * (1 - p) / whole + z * z / (4 * whole * whole)) ** 0.5
    return [(middle - half) / (1 + z * z / whole), (middle + half) / (1 + z * z / whole)]


def summary(name, statuses, changed, queries, distances):
    """The closing table; `statuses` are 1 (successful), 0 (failed) and None (skipped)."""
    successes = sum(status == 1 for status in statuses)
    failures = sum(status == 0 for status in statuses)
    return {
        "harness": name, "texts": len(statuses), "successful": successes, "failed": failures,
        "skipped": len(statuses) - successes - failures,
        "original_accuracy": (successes + failures) / len(statuses),
        "accuracy_under_attack": failures / len(statuses), "interval": wilson(failures, len(statuses)),
        "success_rate": successes / max(successes + failures, 1),
        "words_perturbed": sum(changed) / max(len(changed), 1), "queries": sum(queries) / max(len(queries), 1),
        "distance": sum(distances) / max(len(distances), 1),
    }


def ours(lines):
    hit = [line for line in lines if line["status"] == "successful"]
    return summary("mtnet", [STATUS[line["status"]] for line in lines],
                   [line["words_changed"] / max(line["words"], 1) for line in hit],
                   [line["queries"] for line in lines if line["status"] != "skipped"],
                   [line["distance"] for line in hit])


def theirs(model, lines, words, seed, max_distance):
    import nltk
    import numpy

    # TextAttack asks NLTK for its list of function words, which would be a download.
    nltk.corpus.stopwords = types.SimpleNamespace(words=lambda language: sorted(words))
    import textattack
    from textattack import AttackArgs, Attacker
    from textattack.attack_recipes import DeepWordBugGao2018
    from textattack.attack_results import FailedAttackResult, SkippedAttackResult
    from textattack.datasets import Dataset
    from textattack.models.wrappers import ModelWrapper
    import editdistance

    class Wrapper(ModelWrapper):
        def __init__(self, model):
            self.model = model

        def __call__(self, texts, batch_size=None):
            return numpy.array(self.model.probabilities(texts))

    wrapper = Wrapper(model)
    attack = DeepWordBugGao2018.build(wrapper)
    for constraint in attack.constraints:
        if hasattr(constraint, "max_edit_distance"):
            constraint.max_edit_distance = max_distance
    pairs = [(line["clean_text"], model.labels.index(line["target"])) for line in lines]
    random.seed(seed)
    numpy.random.seed(seed)
    textattack.shared.utils.set_seed(seed)
    args = AttackArgs(num_examples=len(pairs), random_seed=seed, disable_stdout=True, silent=True)
    results = Attacker(attack, Dataset(pairs), args).attack_dataset()
    statuses, changed, queries, distances = [], [], [], []
    for result in results:
        if isinstance(result, SkippedAttackResult):
            statuses.append(None)
            continue
        queries.append(result.num_queries)
        if isinstance(result, FailedAttackResult):
            statuses.append(0)
            continue
        statuses.append(1)
        before, after = result.original_result.attacked_text, result.perturbed_result.attacked_text
        changed.append(len(before.all_words_diff(after)) / max(len(before.words), 1))
        distances.append(editdistance.eval(before.text, after.text))
    same = [status == STATUS[line["status"]] for status, line in zip(statuses, lines, strict=True)]
    return summary("textattack", statuses, changed, queries, distances) | {"same_outcome": sum(same)}


def main():
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--mtnet", required=True, help="the program")
    made.add_argument("--model", required=True, help="the model folder")
    made.add_argument("--results", type=Path, required=True, help="what `mtnet attack --output` wrote")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--max-distance", type=int, default=30, help="edits of a text, as in the recipe that was run (default 30)")
    made.add_argument("--stop-words", type=Path, default=ROOT / "crates/mtnet-attack/src/stop_words.rs")
    args = made.parse_args()
    lines = [json.loads(line) for line in args.results.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line["recipe"] == "deepwordbug"]
    tasks = {line["task"] for line in lines}
    if len(tasks) != 1:
        sys.exit(f"{args.results}: deepwordbug on one task expected, found {sorted(tasks)}")
    missing = stand_in(UNUSED)
    model = Model(args.mtnet, args.model, tasks.pop())
    print(json.dumps(ours(lines)), flush=True)
    start = time.time()
    peer = theirs(model, lines, stop_words(args.stop_words), args.seed, args.max_distance)
    print(json.dumps(peer | {"seed": args.seed, "max_distance": args.max_distance, "stand_ins": missing, "seconds": round(time.time() - start, 1)}))


if __name__ == "__main__":
    main()
