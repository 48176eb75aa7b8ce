"""Whether exported models answer as the model: server, transformers, ONNX Runtime and tract against `mtnet predict`.

Takes texts of your own and odd ones, up to `--count`; exports the model in every form; runs each form in batches of
1 to 64 and compares logits and labels; asks `mtnet serve` the same over HTTP; with `--tract` runs the graph in tract
as well. Graphs also pass `onnx.checker`. With `--gold` the scores of the forms in 8 bits
are told beside those in 32. Prints JSON lines; the exit code is 1 where a form in 32 bits differs by more than 1e-4.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from common import emit, versions
from program_parity import Tract, compare_server

LIMIT = 1e-4
ODD = [
    "", " ", "a", ".", "I", "\u200b", "\ufeff", "é", "e\u0301", "北", "订一张去北京的机票", "東京タワーに行きたい", "안녕하세요",
    "مرحبا بالعالم", "สวัสดี", "नमस्ते", "👍🏽", "👨‍👩‍👧 family", "ok 👍 fine", "tab\tand\nnewline", "  spaces   inside  ", "[CLS] [SEP] [MASK]",
    "<s> </s>", "ÀÉÎÕÜ", "İstanbul'da", "x" * 300, "word " * 700, "订" * 600, "play the song " * 50, "3.14159 - 2,000 % $5", "\u0000", "﷽",
    "Zażółć gęślą jaźń", "https://example.org/a?b=c#d", "a@b.example", "don't", "C++ & C#", "…", "“quoted”", "½ ² ①",
]
FORMS = {  # name: options of the export, whether it must agree to 1e-4
    "onnx": ([], True),
    "onnx --packed": (["--packed"], True),
    "onnx --optimize": (["--optimize"], True),
    "onnx --optimize --packed": (["--optimize", "--packed"], True),
    "onnx --int8": (["--int8"], False),
    "onnx --int8 --optimize": (["--int8", "--optimize"], False),
}


def parser():
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--model", type=Path, required=True, help="a model folder")
    made.add_argument("--mtnet", default="mtnet", help="the program (default: mtnet)")
    made.add_argument("--texts", type=Path, action="append", default=[], help="a .jsonl, .tsv or .txt file of texts; may be given again")
    made.add_argument("--gold", action="append", default=[], metavar="TASK=FILE:FIELD", help="labels to score against; may be given again")
    made.add_argument("--count", type=int, default=1000, help="texts to compare (default 1000)")
    made.add_argument("--work", type=Path, required=True, help="a folder for the exports")
    made.add_argument("--families", action="store_true", help="also small random classifiers of every family, with this model's tokenizer")
    made.add_argument("--tract", help="the example `tract_logits` of mtnet-export, built; without it tract is left out")
    made.add_argument("--seed", type=int, default=1)
    return made


def records(path):
    """Rows of a file as dictionaries with `text` or `tokens`."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in lines if line.strip()]
    if path.suffix == ".tsv":
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [{"text": line} for line in lines]


def text_of(record):
    return record["text"] if record.get("text") is not None else " ".join(record["tokens"])


def mtnet(args, *more):
    """What the program says, and why it refused, of which one is `None`."""
    done = subprocess.run([args.mtnet, *map(str, more)], capture_output=True, text=True)
    if done.returncode == 0:
        return done.stdout, None
    return None, done.stderr.strip() or f"exit {done.returncode}"


def reference(args, model, inputs, name, *options):
    """What `mtnet predict --logits` says of each input, or without `--logits` where other options are given."""
    path = args.work / f"{name}.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in inputs), encoding="utf-8")
    said, refused = mtnet(args, "predict", model, "--input", path, *(options or ["--logits"]))
    if refused:
        sys.exit(refused)
    return [json.loads(line) for line in said.splitlines()]


def rows_of(answers, word_tasks):
    """Every window as (window, {task: expected rows}); a text's own logits belong to its first window."""
    rows = []
    for answer in answers:
        begun = 0
        for number, window in enumerate(answer["windows"]):
            words = len(window["word_tokens"])
            expected = {}
            for task, logits in answer["logits"].items():
                if task in word_tasks:
                    expected[task] = np.array(logits[begun:begun + words], dtype=np.float32)
                elif number == 0:
                    expected[task] = np.array(logits[0], dtype=np.float32)
            begun += words
            rows.append((window, expected))
    return rows


def batches(rows, seed, tokens):
    """Batches of 1 to 64, each size in turn; shorter where they would hold more than `tokens`."""
    order = list(rows)
    random.Random(seed).shuffle(order)
    size = at = 0
    while at < len(order):
        size, batch, held = size % 64 + 1, [], 0
        while at < len(order) and len(batch) < size and (not batch or held + len(order[at][0]["input_ids"]) <= tokens):
            batch.append(order[at])
            held += len(order[at][0]["input_ids"])
            at += 1
        yield batch


def feed(windows, names):
    """Inputs of a graph: padded rows, or rows end to end."""
    given = {"input_ids", "token_type_ids"}
    if "cu_seqlens" in names:
        lengths = [len(window["input_ids"]) for window in windows]
        made = {"cu_seqlens": np.cumsum([0] + lengths).astype(np.int64)}
        for name in names & given:
            made[name] = np.concatenate([window[name] for window in windows]).astype(np.int64)
        return made
    longest = max(len(window["input_ids"]) for window in windows)
    made = {name: np.zeros((len(windows), longest), dtype=np.int64) for name in names}
    for row, window in enumerate(windows):
        length = len(window["input_ids"])
        made["attention_mask"][row, :length] = 1
        for name in names & given:
            made[name][row, :length] = window[name]
    return made


class Difference:
    """The largest difference of logits, and how many labels differ."""

    def __init__(self, kinds):
        self.kinds, self.largest, self.compared, self.labels, self.other = kinds, 0.0, 0, 0, 0

    def add(self, task, found, expected):
        if expected.size == 0:
            return
        assert found.shape == expected.shape, (task, found.shape, expected.shape)
        assert np.isfinite(found).all(), task
        self.largest = max(self.largest, float(np.abs(found - expected).max()))
        self.compared += expected.size
        kind = self.kinds[task]["head"]
        if kind == "regression":
            return
        if kind == "multi-label":
            cut = np.log(self.kinds[task]["threshold"] / (1 - self.kinds[task]["threshold"]))
            wrong = (found >= cut) != (expected >= cut)
        else:
            wrong = found.argmax(-1) != expected.argmax(-1)
        self.labels += wrong.size
        self.other += int(np.sum(wrong))

    def told(self):
        return {"largest_difference": self.largest, "logits": self.compared, "labels": self.labels, "other_labels": self.other}


def outputs(session, batch, tasks):
    """Logits of each window of a batch, one task after the other: (task, window, found)."""
    names = {one.name for one in session.get_inputs()}
    windows = [window for window, _ in batch]
    found = dict(zip([one.name for one in session.get_outputs()], session.run(None, feed(windows, names))))
    starts = np.cumsum([0] + [len(window["input_ids"]) for window in windows])
    for task, about in tasks.items():
        logits = found[about["logits"]]
        for row, window in enumerate(windows):
            if "reads" not in about:
                yield task, row, logits[row]
            elif "cu_seqlens" in names:
                yield task, row, logits[starts[row] + np.array(window["word_tokens"], dtype=int)]
            else:
                yield task, row, logits[row][np.array(window["word_tokens"], dtype=int)]


def export(args, folder, *options):
    """Writes a folder, or says why not."""
    return mtnet(args, "export", args.model, "--output", folder, *options)[1]


def viterbi(logits, transitions):
    """The best allowed path of tags, by the scores of the metadata."""
    scores = logits - np.log(np.exp(logits - logits.max(-1, keepdims=True)).sum(-1, keepdims=True)) - logits.max(-1, keepdims=True)
    start, matrix = np.array(transitions["start"], float), np.array(transitions["matrix"], float)
    best, back = start + scores[0], []
    for row in scores[1:]:
        ways = best[:, None] + matrix
        back.append(ways.argmax(0))
        best = ways.max(0) + row
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]


def spans(tags):
    found, begun = set(), None
    for at, tag in enumerate([*tags, "O"]):
        if begun is not None and not (tag.startswith("I-") and tag[2:] == begun[1]):
            found.add((begun[0], at, begun[1]))
            begun = None
        if tag.startswith("B-"):
            begun = (at, tag[2:])
    return found


def score(task, about, found, gold):
    """Accuracy, micro F1 of labels, or F1 of entities."""
    labels = about["labels"]
    if about["head"] == "classification":
        return "accuracy", float(np.mean([labels[one.argmax()] == label for one, label in zip(found, gold)]))
    right = guessed = wanted = 0
    for one, label in zip(found, gold):
        if about["head"] == "multi-label":
            cut = np.log(about["threshold"] / (1 - about["threshold"]))
            said, truth = {labels[column] for column in np.flatnonzero(one >= cut)}, set(label)
        else:
            tags = [labels[tag] for tag in (viterbi(one, about["transitions"]) if len(one) else [])]
            said, truth = spans(tags), spans(label)
        right, guessed, wanted = right + len(said & truth), guessed + len(said), wanted + len(truth)
    return "f1", 2 * right / max(guessed + wanted, 1)


def compare_scores(args, sessions, tasks):
    for wanted in args.gold:
        task, _, place = wanted.partition("=")
        path, _, field = place.rpartition(":")
        gold = [one for one in records(Path(path)) if one.get(field) is not None]
        inputs = [{"tokens": one["tokens"]} if "tokens" in one else {"text": one["text"]} for one in gold]
        answers = reference(args, args.model, inputs, "gold")
        word_tasks = {name for name, about in tasks.items() if "reads" in about}
        rows = rows_of(answers, word_tasks)
        owner = [number for number, answer in enumerate(answers) for _ in answer["windows"]]
        labels = [one[field] for one in gold]
        about = tasks[task]
        scores = {}
        ours = [np.array(answer["logits"][task], dtype=np.float32) for answer in answers]
        scores["mtnet"] = score(task, about, ours if task in word_tasks else [one[0] for one in ours], labels)
        for name, session in sessions.items():
            found = [[] for _ in gold]
            for begun in range(0, len(rows), 32):
                batch = rows[begun:begun + 32]
                for _, row, logits in outputs(session, batch, {task: about}):
                    found[owner[begun + row]].append(logits)
            joined = [np.concatenate(parts) if task in word_tasks else parts[0] for parts in found]
            scores[name] = score(task, about, joined, labels)
        emit({"mode": "scores", "task": task, "texts": len(gold), "metric": scores["mtnet"][0],
              **{name: round(value, 4) for name, (_, value) in scores.items()}})


def compare_transformers(args, texts, answers, tasks):
    """Each task's folder, its tokenizer and its class, and the folder imported again."""
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    good = True
    for task, about in tasks.items():
        folder = args.work / f"hf-{task}"
        refused = export(args, folder, "--format", "hf", "--task", task)
        if refused:
            emit({"mode": "transformers", "task": task, "refused": refused})
            continue
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        kind = "TokenClassification" if "reads" in about else "SequenceClassification"
        model, loaded = getattr(transformers, f"AutoModelFor{kind}").from_pretrained(folder, output_loading_info=True)
        model.eval()
        names = [model.config.id2label[id] for id in range(model.config.num_labels)]
        assert names == about["labels"] and not loaded["missing_keys"] and not loaded["unexpected_keys"], loaded
        difference, ids, compared = Difference(tasks), 0, []
        for text, answer in zip(texts, answers):
            window = answer["windows"][0]
            own = tokenizer(text, truncation=True)["input_ids"]
            # A text that was cut into windows is cut elsewhere by the tokenizer alone.
            if len(answer["windows"]) == 1:
                ids += own != window["input_ids"]
            compared.append((window, answer))
        with torch.no_grad():
            for begun in range(0, len(compared), 16):
                part = compared[begun:begun + 16]
                windows = [window for window, _ in part]
                padded = feed(windows, {"input_ids", "attention_mask"} | ({"token_type_ids"} & set(tokenizer.model_input_names)))
                logits = model(**{name: torch.from_numpy(value) for name, value in padded.items()}).logits.numpy()
                for row, (window, answer) in enumerate(part):
                    expected = np.array(answer["logits"][task], dtype=np.float32)
                    if "reads" in about:
                        words = np.array(window["word_tokens"], dtype=int)
                        difference.add(task, logits[row][words], expected[:len(words)])
                    else:
                        difference.add(task, logits[row], expected[0])
        emit({"mode": "transformers", "task": task, "class": model.__class__.__name__, "texts": len(compared),
              "other_ids": ids, **difference.told()})
        back = args.work / f"imported-{task}"
        _, refused = mtnet(args, "import", folder, "--task", task, "--output", back)
        if refused:
            sys.exit(refused)
        again = Difference(tasks)
        for found, expected in zip(reference(args, back, [{"text": text} for text in texts], "again"), answers):
            again.add(task, np.array(found["logits"][task], dtype=np.float32), np.array(expected["logits"][task], dtype=np.float32))
        emit({"mode": "import(export)", "task": task, **again.told()})
        good &= difference.largest <= LIMIT and again.largest <= LIMIT and ids == 0 and difference.other == 0
    return good


def compare_onnx(args, answers):
    """Every form of graph: sessions, what the tasks are, and whether the exact forms agree."""
    good, sessions, tasks = True, {}, None
    for name, (options, exact) in FORMS.items():
        folder = args.work / name.replace(" --", "-")
        refused = export(args, folder, "--format", "onnx", *options)
        if refused:
            sys.exit(refused)
        path = folder / "model.onnx"
        if "--optimize" not in options:
            # The checker knows the standard's operators only.
            onnx.checker.check_model(str(path), full_check=True)
        session = sessions[name] = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        about = session.get_modelmeta().custom_metadata_map
        tasks = {task["name"]: task for task in json.loads(about["mtnet.tasks"])}
        rows = rows_of(answers, {task for task, one in tasks.items() if "reads" in one})
        difference, count = Difference(tasks), 0
        # Packed, every token of a batch is scored against every other.
        for batch in batches(rows, args.seed, 1024 if "--packed" in options else 1 << 20):
            count += 1
            for task, row, found in outputs(session, batch, tasks):
                if task in batch[row][1]:
                    difference.add(task, found, batch[row][1][task])
        emit({"mode": name, "rows": len(rows), "batches": count, "bytes": path.stat().st_size,
              "checker": "--optimize" not in options, **difference.told()})
        good &= not exact or (difference.largest <= LIMIT and difference.other == 0)
    return good, sessions, tasks


def compare_programs(args, texts, answers, sessions, tasks):
    """The server over HTTP, and tract over the plain graph."""
    inputs = [{"text": text} for text in texts]
    predictions = reference(args, args.model, inputs, "texts", "--quiet")
    found = compare_server(args, texts, answers, predictions, tasks, Difference(tasks))
    emit(found)
    good = found["largest_difference"] <= LIMIT and found["other_labels"] == 0 and found["other_answers"] == 0
    if not args.tract:
        return good
    tract = Tract(args.tract, args.work / "onnx" / "model.onnx", sessions["onnx"])
    rows = rows_of(answers, {task for task, one in tasks.items() if "reads" in one})
    difference, count = Difference(tasks), 0
    for batch in batches(rows, args.seed, 1 << 20):
        count += 1
        for task, row, logits in outputs(tract, batch, tasks):
            if task in batch[row][1]:
                difference.add(task, logits, batch[row][1][task])
    tract.close()
    emit({"mode": "tract", "rows": len(rows), "batches": count, **difference.told()})
    return good and difference.largest <= LIMIT and difference.other == 0


def families(args, texts):
    """A small random classifier of every family and kind, saved by transformers, imported, and exported again."""
    import torch
    import transformers

    good, source = True, args.work / "onnx"
    vocab = len(json.loads((source / "tokenizer.json").read_text())["model"]["vocab"])
    sizes = {"vocab_size": vocab, "max_position_embeddings": 160, "initializer_range": 0.2}
    common = {**sizes, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
    configs = [
        transformers.BertConfig(**common), transformers.RobertaConfig(**common, pad_token_id=0, type_vocab_size=1),
        transformers.XLMRobertaConfig(**common, pad_token_id=0, type_vocab_size=1),
        transformers.ElectraConfig(**common, embedding_size=32),
        transformers.DistilBertConfig(**sizes, dim=64, n_layers=2, n_heads=4, hidden_dim=96),
    ]
    kinds = [("SequenceClassification", problem) for problem in
             ("single_label_classification", "multi_label_classification", "regression")] + [("TokenClassification", None)]
    torch.manual_seed(args.seed)
    parent, work = args.model, args.work
    for config in configs:
        for kind, problem in kinds:
            config.problem_type, config.num_labels = problem, 3
            folder = work / f"{config.model_type}-{problem}"
            model = getattr(transformers, f"AutoModelFor{kind}").from_config(config).eval()
            model.save_pretrained(folder)
            for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
                (folder / file).write_text((source / file).read_text(), encoding="utf-8")
            args.model, args.work = folder.with_name(folder.name + "-mtnet"), folder.with_name(folder.name + "-work")
            args.work.mkdir(parents=True, exist_ok=True)
            _, refused = mtnet(args, "import", folder, "--task", "task", "--output", args.model)
            if refused:
                sys.exit(refused)
            answers = reference(args, args.model, [{"text": text} for text in texts], "texts")
            agrees, _, tasks = compare_onnx(args, answers)
            imported = Difference(tasks)
            with torch.no_grad():
                for answer in answers:
                    window = answer["windows"][0]
                    ids = {"input_ids": torch.tensor([window["input_ids"]])}
                    if config.model_type in ("bert", "electra"):
                        ids["token_type_ids"] = torch.tensor([window["token_type_ids"]])
                    found, words = model(**ids).logits[0].numpy(), np.array(window["word_tokens"], dtype=int)
                    expected = np.array(answer["logits"]["task"], dtype=np.float32)
                    imported.add("task", *((found[words], expected[:len(words)]) if kind.startswith("Token") else (found, expected[0])))
            emit({"mode": "import", "family": config.model_type, "kind": problem or kind, **imported.told()})
            good &= agrees and imported.largest <= LIMIT and compare_transformers(args, texts, answers, tasks)
    args.model, args.work = parent, work
    return good


def main():
    args = parser().parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    own = [text_of(record) for path in args.texts for record in records(path)]
    sample = random.Random(args.seed).sample(own, min(len(own), max(args.count - len(ODD), 0)))
    texts = (ODD + sample)[:args.count]
    emit({"mode": "setting", "texts": len(texts), "odd": len(ODD), "versions": versions()})
    answers = reference(args, args.model, [{"text": text} for text in texts], "texts")
    good, sessions, tasks = compare_onnx(args, answers)
    good &= compare_programs(args, texts, answers, sessions, tasks)
    compare_scores(args, sessions, tasks)
    good &= compare_transformers(args, texts, answers, tasks)
    if args.families:
        good &= families(args, texts)
    emit({"mode": "result", "agrees": bool(good)})
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
