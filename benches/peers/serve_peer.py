"""A server as many build one: transformers behind FastAPI, one classifier a task.

    pip install fastapi uvicorn
    python serve_peer.py --model DIR [--tasks 4] [--port 8000]
    cargo xtask bench serve --address 127.0.0.1:8000 --seconds 5 --runs 5

Both send the same texts, one a request, at 1, 8 and 64 clients: put the rows of `--tasks 4` beside "4 models of one
head" and "one model, 4 heads" of a plain `cargo xtask bench serve --seconds 5 --runs 5`, whose model has the sizes of
MiniLM-L6, and those of `--tasks 1` beside "a model of one head".

DIR is an encoder as transformers writes it; the heads have random weights, which costs the same.
With --tasks 4 it runs four models a text, as a service of four fine-tuned models does. Each request
is answered alone, in FastAPI's pool of threads. Versions go to standard error.
"""

import argparse
import sys

import fastapi
import torch
import transformers
import uvicorn
from pydantic import BaseModel


class Request(BaseModel):
    inputs: str | list[str]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--tasks", type=int, default=1)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    # Heads are new for every model, which is told at length otherwise.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for module in (torch, transformers, fastapi, uvicorn):
        print(module.__name__, module.__version__, file=sys.stderr)
    tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.model)
    models = [
        transformers.AutoModelForSequenceClassification.from_pretrained(arguments.model, num_labels=10).eval()
        for _ in range(arguments.tasks)
    ]
    app = fastapi.FastAPI()

    @app.post("/predict")
    def predict(request: Request):
        batch = tokenizer(request.inputs, return_tensors="pt", padding=True, truncation=True)
        with torch.inference_mode():
            return [model(**batch).logits.softmax(-1).tolist() for model in models]

    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
