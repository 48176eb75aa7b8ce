"""Bag-of-words baselines for the recipes `mixed.toml` and `zh.toml`.

    python bag_of_words.py DATA      # DATA: the folder that holds clinc150/, snli/, …

Texts: TF-IDF of words and word pairs (characters and pairs of them for Chinese), logistic
regression with C from {1, 10} chosen on dev. Pairs: the features of both texts side by side and
their elementwise product. Similarity: ridge regression on |difference| and product. Tagging:
logistic regression on the character, its neighbours up to two places away, and their pairs.
Scores are those of the test split. Needs scikit-learn and scipy; nothing of the project uses this.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.sparse import hstack
from scipy.stats import spearmanr
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier

DATA = Path(sys.argv[1])


def narrow(matrix):
    """The same matrix with the 32-bit indices that scikit-learn's solvers ask for."""
    matrix = matrix.tocsr()
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return matrix


def table(path):
    with open(DATA / path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def best(train, dev, test, models):
    (x, y), (dx, dy), (tx, ty) = train, dev, test
    fitted = [model.fit(x, y) for model in models]
    return max(fitted, key=lambda model: model.score(dx, dy)), tx, ty


def logistic():
    return [LogisticRegression(C=c, max_iter=2000) for c in (1, 10)]


def texts(name, splits, text, label, analyzer="word"):
    vectors = TfidfVectorizer(analyzer=analyzer, ngram_range=(1, 2), sublinear_tf=True)
    rows = [([r[text] for r in split], [r[label] for r in split]) for split in splits]
    vectors.fit(rows[0][0])
    model, x, y = best(*[(vectors.transform(t), l) for t, l in rows], logistic())
    print(f"{name}: accuracy {model.score(x, y):.4f}")


def pairs(name, splits, a, b, label, regression=False):
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    vectors.fit([r[k] for r in splits[0] for k in (a, b)])

    def features(split):
        x, y = vectors.transform([r[a] for r in split]), vectors.transform([r[b] for r in split])
        first = [abs(x - y)] if regression else [x, y]
        target = [float(r[label]) if regression else r[label] for r in split]
        return narrow(hstack(first + [x.multiply(y)])), target

    models = [Ridge(alpha=a) for a in (0.1, 1, 10)] if regression else logistic()
    model, x, y = best(*[features(split) for split in splits], models)
    if regression:
        print(f"{name}: spearman {spearmanr(model.predict(x), y).statistic:.4f}")
    else:
        print(f"{name}: accuracy {model.score(x, y):.4f}")


def sentences(path, column):
    all_words, words = [], []
    for line in open(DATA / path, encoding="utf-8"):
        if line.startswith("#"):
            continue
        fields = line.rstrip("\n").split("\t")
        if len(fields) < 3:
            if words:
                all_words.append(words)
            words = []
        elif fields[0].isdigit():
            words.append((fields[1], fields[column]))
    return all_words + ([words] if words else [])


def characters(words):
    """Words split into characters, tags of entities continued with I-, others repeated."""
    for word, tag in words:
        parts = list(word) if all("\u4e00" <= c <= "\u9fff" for c in word) else [word]
        for at, part in enumerate(parts):
            yield part, "I" + tag[1:] if at and tag.startswith("B-") else tag


def window(chars, at):
    def near(offset):
        return chars[at + offset] if 0 <= at + offset < len(chars) else "<>"

    features = {f"{o}={near(o)}": 1 for o in range(-2, 3)}
    features.update({f"{o}+={near(o)}{near(o + 1)}": 1 for o in range(-2, 2)})
    return features


def tagging(name, files, column, entities):
    rows = []
    for file in files:
        tagged = [list(characters(words)) for words in sentences(file, column)]
        rows.append([([c for c, _ in s], [t for _, t in s]) for s in tagged])
    vectors = DictVectorizer()
    x = narrow(vectors.fit_transform([window(c, i) for c, _ in rows[0] for i in range(len(c))]))
    y = [tag for _, tags in rows[0] for tag in tags]
    model = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=20, random_state=1).fit(x, y)
    truth, found = [], []
    for chars, tags in rows[1]:
        predicted = model.predict(narrow(vectors.transform([window(chars, i) for i in range(len(chars))])))
        truth.append(tags)
        found.append(list(predicted))
    if not entities:
        flat = [(a, b) for t, f in zip(truth, found) for a, b in zip(t, f)]
        print(f"{name}: accuracy {np.mean([a == b for a, b in flat]):.4f}")
        return
    t, f = ({s for i, tags in enumerate(all_tags) for s in spans(i, tags)} for all_tags in (truth, found))
    print(f"{name}: entity F1 {2 * len(t & f) / max(1, len(t) + len(f)):.4f}")


def spans(sentence, tags):
    start = kind = None
    for at, tag in enumerate(list(tags) + ["O"]):
        if kind and (tag == "O" or tag[0] == "B" or tag[2:] != kind):
            yield sentence, start, at, kind
            kind = None
        if tag != "O" and kind is None:
            start, kind = at, tag[2:]


def splits(pattern, names=("train", "dev", "test")):
    return [table(pattern.format(name)) for name in names]


texts("topic", splits("clinc150/{}.tsv"), "text", "domain")
reviews = [sum((table(f"uci-sentences/{s}.{n}.tsv") for s in ("amazon", "imdb", "yelp")), []) for n in ("train", "dev", "test")]
texts("sentiment", reviews, "text", "label")
pairs("entailment", splits("snli/{}.tsv"), "premise", "hypothesis", "label")
pairs("similarity", splits("sts-captions/en.{}.tsv"), "sentence1", "sentence2", "score", regression=True)
texts("zh topic", splits("sib200/zho_Hans.{}.tsv"), "text", "category", analyzer="char")
tagging("zh entities", ["zh-gsdsimp/ner/train.iob2", "zh-gsdsimp/ner/test.iob2"], 2, True)
tagging("zh parts of speech", ["zh-gsdsimp/pos/train.conllu", "zh-gsdsimp/pos/test.conllu"], 3, False)
