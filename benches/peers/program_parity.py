"""Whether the server and tract answer as `mtnet predict` does: the part of `export_parity.py` that asks programs.

The server is asked over HTTP, with `raw_scores`, by up to 64 clients at once, so that its own batches form; tract runs
the exported graph through the example `tract_logits` of `mtnet-export`.
"""

import http.client
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np

LIST = 32  # inputs that a request may have


class Server:
    """`mtnet serve` on a free port of this machine."""

    def __init__(self, program, model):
        command = [program, "--quiet", "--log-format", "json", "serve", str(model), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = json.loads(self.process.stdout.readline())["listening"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def ask(self, texts, tasks):
        """Status and answer of one request."""
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        body = json.dumps({"inputs": texts, "tasks": tasks, "raw_scores": True, "truncate": True})
        connection.request("POST", "/predict", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        return answer.status, content


def requests_of(texts):
    """Requests of 1 to 64 texts in turn, of which every other one is sent text by text: (indices, whether a list)."""
    at = size = 0
    while at < len(texts):
        size = size % 64 + 1
        wave = list(range(at, min(at + size, len(texts))))
        at += size
        if size % 2:
            yield [([one], False) for one in wave]
        else:
            yield [(wave[begun:begun + LIST], True) for begun in range(0, len(wave), LIST)]


def compare_server(args, texts, answers, predictions, tasks, difference):
    """Raw scores against the model's logits; entities, tags and numbers against `mtnet predict`."""
    refused, other_answers, compared, waves, largest_score = 0, 0, 0, 0, 0.0
    with Server(args.mtnet, args.model) as server, ThreadPoolExecutor(64) as pool:
        for wave in requests_of(texts):
            waves += 1
            asked = [(places, pool.submit(server.ask, [texts[one] for one in places] if is_list else texts[places[0]], list(tasks)))
                     for places, is_list in wave]
            for places, pending in asked:
                status, found = pending.result()
                if status == 400 and any(not texts[one] for one in places):
                    # A text of no character is refused by the protocol; its list is asked again without it.
                    refused += sum(not texts[one] for one in places)
                    places = [one for one in places if texts[one]]
                    if not places:
                        continue
                    status, found = server.ask([texts[one] for one in places], list(tasks))
                assert status == 200, (status, found)
                for place, one in zip(places, found if isinstance(found, list) else [found]):
                    for task, about in tasks.items():
                        given, expected = one[task], predictions[place][task]
                        if "scores" in given:
                            by_label = {score["label"]: score["score"] for score in given["scores"]}
                            row = np.array([by_label[label] for label in about["labels"]], dtype=np.float32)
                            difference.add(task, row, np.array(answers[place]["logits"][task][0], dtype=np.float32))
                            names = lambda answer: answer.get("label") or sorted(label["label"] for label in answer["labels"])
                            other_answers += names(given) != names(expected)
                        elif "values" in given:
                            row = np.array([given["values"][label] for label in about["labels"]], dtype=np.float32)
                            difference.add(task, row, np.array(answers[place]["logits"][task][0], dtype=np.float32))
                        else:
                            kind = "entities" if "entities" in given else "words"
                            places_of = lambda answer: [(part["label"], part["start"], part["end"], part["text"]) for part in answer[kind]]
                            other_answers += places_of(given) != places_of(expected)
                            scores = [[part["score"] for part in answer[kind]] for answer in (given, expected)]
                            if len(scores[0]) == len(scores[1]) and scores[0]:
                                largest_score = max(largest_score, float(np.abs(np.subtract(*scores)).max()))
                        compared += 1
    return {"mode": "server", "requests_in_waves": waves, "refused_empty": refused, "answers": compared,
            "other_answers": other_answers, "largest_difference_of_entity_scores": largest_score, **difference.told()}


class Tract:
    """The graph in tract, with the interface of a session of ONNX Runtime as far as the comparison needs it."""

    def __init__(self, program, path, session):
        self.process = subprocess.Popen([program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.inputs, self.outputs = session.get_inputs(), session.get_outputs()

    def get_inputs(self):
        return self.inputs

    def get_outputs(self):
        return self.outputs

    def run(self, _, feeds):
        self.process.stdin.write(json.dumps({name: value.tolist() for name, value in feeds.items()}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return [np.array(answer[one.name]["values"], dtype=np.float32).reshape(answer[one.name]["shape"]) for one in self.outputs]

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
