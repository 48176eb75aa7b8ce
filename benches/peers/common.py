"""What the peers share: the setting, fresh processes, times, memory, models.

Every mode runs in a process of its own, so that its peak memory is its own and nothing that another
mode compiled or cached is at hand. With `--repeats R` the modes take turns R times; repeats that other
processes disturbed are left out where an undisturbed one exists, for a stolen core makes the threads
of these libraries wait for each other and a step many times slower.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import types
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

SHAPES = {  # layers, hidden size, heads
    "tiny": (2, 64, 2),
    "minilm": (6, 384, 12),
    "bert-base": (12, 768, 12),
}
QUIET = 0.1  # Cores that others may keep busy while a repeat still counts as undisturbed.
INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8")


def parser(description, steps, model=True):
    """The options that all peers take."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if model:
        made.add_argument("--model", type=Path, help="a transformers folder; without it, random weights of --shape")
        made.add_argument("--shape", choices=SHAPES, default="minilm", help="sizes of the random model (default minilm)")
        made.add_argument("--steps", type=int, default=steps, help=f"counted batches of a run (default {steps}; 64 is all)")
        made.add_argument("--warmup", type=int, default=2, help="batches before them that are not counted (default 2)")
        made.add_argument("--repeats", type=int, default=1, help="runs of each mode, in turns (default 1)")
        made.add_argument("--wait", type=float, default=0, metavar="SECONDS",
                          help="before each run wait for an idle machine, at most so long (default 0)")
        made.add_argument("--retries", type=int, default=0, help="more tries of a run that others disturbed (default 0)")
        made.add_argument("--only", action="append", help="only modes whose name contains this; may be given again")
        made.add_argument("--child", help=argparse.SUPPRESS)
    made.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of each library (default: all cores)")
    return made


def versions():
    """Versions of the libraries that are installed, without importing them."""
    found = {"python": platform.python_version()}
    for name in ("torch", "transformers", "onnxruntime", "onnx", "torchjd", "LibMTL", "numpy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def setting(threads):
    """What the numbers are taken on."""
    model, flags = platform.processor() or platform.machine(), set()
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            model = value.strip()
        elif key.strip() == "flags":
            flags = set(value.split())
    return {
        "processor": model, "cores": os.cpu_count(), "threads": threads,
        "instructions": [name for name in INSTRUCTIONS if name in flags],
        "load_average": [round(load, 2) for load in os.getloadavg()], "versions": versions(),
    }


def emit(record):
    print(json.dumps(record), flush=True)


def spread(values, digits=1):
    """Median, smallest and largest."""
    return {"median": round(statistics.median(values), digits), "min": round(min(values), digits),
            "max": round(max(values), digits)}


def memory_mb(which="VmHWM"):
    """Peak (`VmHWM`) or present (`VmRSS`) resident memory of this process in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return round(int(lines[which].split()[0]) * 1024 / 1e6)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


def busy_seconds():
    """Processor seconds of the whole machine so far, time taken by other guests included."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    fields = [int(field) for field in stat.read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _, _, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


@contextmanager
def watched(result):
    """Adds to `result` this process's processor time and peak memory, and what others did meanwhile."""
    busy, own, begun = busy_seconds(), time.process_time(), time.perf_counter()
    yield
    wall = time.perf_counter() - begun
    result["cpu_seconds"] = time.process_time() - own
    if busy is not None:
        others = busy_seconds() - busy - result["cpu_seconds"]
        result["other_cores_busy"] = round(max(0.0, others / wall), 2)
    result["peak_rss_mb"] = memory_mb()


def once(args):
    """The same options for one run of one mode, whatever `--only` and `--repeats` say."""
    return argparse.Namespace(**{**vars(args), "only": None, "repeats": 1})


def run_modes(script, args, modes, extra=()):
    """Runs `script` once for each mode and repeat; gives each mode with the results of its repeats."""
    if args.only:
        modes = [mode for mode in modes if any(part in mode for part in args.only)]
    environment = dict(os.environ, OMP_NUM_THREADS=str(args.threads), MKL_NUM_THREADS=str(args.threads),
                       HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", PYTHONWARNINGS="ignore")
    results = {mode: [] for mode in modes}
    for repeat in range(args.repeats):
        for mode in modes:
            command = [sys.executable, script, *sys.argv[1:], "--child", mode, *extra]
            tries = []
            while len(tries) <= args.retries:
                wait_until_idle(args.wait)
                print(f"[{repeat + 1}/{args.repeats}] {mode}", file=sys.stderr, flush=True)
                tries.append(run_child(command, environment))
                if tries[-1].get("other_cores_busy", 0) < QUIET:
                    break
            results[mode].append(min(tries, key=lambda run: run.get("other_cores_busy", 0)))
            if repeat == args.repeats - 1:
                yield mode, results[mode]


def run_child(command, environment):
    """The last line of a child's output, or why it has none."""
    child = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = child.stdout.strip().splitlines()
    if child.returncode or not lines:
        return {"error": (child.stderr.strip().splitlines() or ["no output"])[-1]}
    return json.loads(lines[-1])


def wait_until_idle(seconds):
    """Waits until other processes leave the machine alone for a second, at most `seconds`."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and busy_seconds() is not None:
        before = busy_seconds()
        time.sleep(1)
        if busy_seconds() - before < QUIET:
            return


def quiet(results):
    """What others did during each repeat, and the repeats to report: the undisturbed ones, if any."""
    others = [result.get("other_cores_busy") for result in results]
    kept = [result for result, busy in zip(results, others) if busy is not None and busy < QUIET]
    return {"other_cores_busy": others, "quiet_repeats": len(kept)}, kept or results


def pooled(results, key):
    """The samples `key` of all repeats, one after the other."""
    return [sample for result in results for sample in result[key]]


def failed(mode, results):
    """Reports a mode that could not run; whether it did."""
    errors = [result["error"] for result in results if "error" in result]
    if errors:
        emit({"mode": mode, "error": errors[0]})
    return bool(errors)


def torch_setup(threads):
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    return torch


def encoder(args, attention, dropout=0.0):
    """The encoder of `--model`, or one of `--shape` with random weights, without a pooler, in f32."""
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    rates = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": dropout}
    if args.model:
        config = transformers.AutoConfig.from_pretrained(args.model, **rates)
        made = transformers.AutoModel.from_pretrained(
            args.model, config=config, attn_implementation=attention, dtype=torch.float32)
    else:
        layers, hidden, heads = SHAPES[args.shape]
        config = transformers.BertConfig(
            num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, intermediate_size=4 * hidden, **rates)
        made = transformers.AutoModel.from_config(config, attn_implementation=attention)
    if getattr(made, "pooler", None) is not None:
        made.pooler = None
    return made


def classifier(args, attention, labels=4, dropout=0.0):
    """The encoder with a linear head on the first token: ids and mask to logits."""
    import torch

    class Classifier(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = encoder(args, attention, dropout)
            self.dropout = torch.nn.Dropout(dropout)
            self.head = torch.nn.Linear(self.encoder.config.hidden_size, labels)

        def forward(self, input_ids, attention_mask):
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return self.head(self.dropout(hidden[:, 0]))

    return Classifier()


def libmtl_weighting():
    """LibMTL's weightings without its `__init__`, which needs a torchvision of 2021."""
    if "LibMTL" not in sys.modules:
        found = importlib.util.find_spec("LibMTL")
        if found is None:
            raise ImportError("LibMTL is not installed")
        sys.modules["LibMTL"] = package = types.ModuleType("LibMTL")
        package.__path__ = list(found.submodule_search_locations)
    import LibMTL.weighting

    return LibMTL.weighting
