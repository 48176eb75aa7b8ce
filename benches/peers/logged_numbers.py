"""The numbers of a run's metrics.jsonl, by the tags under which other programs get them."""

import json


def expected(folder):
    """Tag, step and value of all numbers of the log."""
    for line in (folder / "metrics.jsonl").open(encoding="utf-8"):
        event = json.loads(line)
        kind, step = event["event"], event.get("step", 0)
        if kind == "step":
            names = {"loss": "loss", "learning_rate": "learning_rate", "grad_norm": "gradient_norm",
                     "tokens_per_second": "tokens_per_second"}
            for key, name in names.items():
                yield f"train/{name}", step, event[key]
            for group, key in (("loss", "task_losses"), ("weight", "task_weights")):
                for task, value in event[key].items():
                    yield f"{group}/{task}", step, value
        elif kind == "evaluation":
            for task, metrics in event["metrics"].items():
                for name, value in metrics.items():
                    yield f"{event['split']}_{name}/{task}", step, value
            if event.get("selection") is not None:
                yield f"{event['split']}_selection/mean", step, event["selection"]
        elif kind == "balance":
            for task, stats in event["tasks"].items():
                yield f"gradient_norm/{task}", step, stats["gradient_norm"]
                for key in ("weight", "share"):
                    if stats.get(key) is not None:
                        yield f"gradient_{key}/{task}", step, stats[key]
            for pair in event["pairs"]:
                yield f"gradient_cosine/{','.join(pair['tasks'])}", step, pair["cosine"]
