"""Training steps in PyTorch: forward, backward and AdamW of a text classifier.

Four labels on the first token; batches of 32 from the fixed workload, as they come (`padded`) or
sorted by length (`grouped`); f32, or bf16 by autocast; eager or fused attention (`sdpa`). Prints one
JSON line a mode; tokens are real ones, without padding, and spreads are over all counted steps.
"""

import time

import common
import workload

MODES = [f"{precision}-{attention}-{batching}" for precision in ("f32", "bf16")
         for attention in ("eager", "sdpa") for batching in ("padded", "grouped")]


def child(mode, args):
    torch = common.torch_setup(args.threads)
    precision, attention, batching = mode.split("-")
    model = common.classifier(args, attention, dropout=args.dropout).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01, fused=not args.unfused)
    rows = workload.sequences(model.encoder.config.vocab_size)

    def step(batch):
        ids, mask = map(torch.tensor, workload.padded([rows[i] for i in batch]))
        labels = torch.tensor([workload.label(i) for i in batch])
        times = [time.perf_counter()]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            loss = torch.nn.functional.cross_entropy(model(ids, mask).float(), labels)
        times.append(time.perf_counter())
        loss.backward()
        times.append(time.perf_counter())
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append(time.perf_counter())
        return [1e3 * (after - before) for before, after in zip(times, times[1:])] + [loss.item()]

    result = {"rss_before_mb": common.memory_mb("VmRSS")}
    for batch in workload.chosen(max(1, args.warmup), batching == "grouped")[: args.warmup]:
        step(batch)
    batches = workload.chosen(args.steps, batching == "grouped")
    with common.watched(result):
        phases = list(zip(*(step(batch) for batch in batches)))
    result.update(zip(("forward_ms", "backward_ms", "optimizer_ms", "losses"), phases))
    result["tokens"] = [sum(len(rows[i]) for i in batch) for batch in batches]
    return result


def report(mode, results, versions):
    quiet, results = common.quiet(results)
    phases = {name: common.pooled(results, f"{name}_ms") for name in ("forward", "backward", "optimizer")}
    tokens = common.pooled(results, "tokens")
    milliseconds = [sum(parts) for parts in zip(*phases.values())]
    common.emit({
        "mode": mode,
        "tokens_per_second": common.spread([1e3 * n / ms for n, ms in zip(tokens, milliseconds)], 0),
        "tokens_per_second_overall": round(1e3 * sum(tokens) / sum(milliseconds)),
        "tokens_per_second_of_repeats": [
            round(1e3 * sum(run["tokens"]) / sum(sum(run[f"{name}_ms"]) for name in phases)) for run in results],
        "step_ms": common.spread(milliseconds),
        **{f"{name}_ms": common.spread(values) for name, values in phases.items()},
        "last_loss": round(results[-1]["losses"][-1], 4),
        "cpu_ms": round(1e3 * sum(run["cpu_seconds"] for run in results) / len(tokens), 1),
        "rss_before_mb": max(run["rss_before_mb"] for run in results),
        "peak_rss_mb": max(run["peak_rss_mb"] for run in results),
        **quiet,
        "steps": len(tokens), "versions": versions,
    })


def main():
    parser = common.parser(__doc__, steps=16)
    parser.add_argument("--dropout", type=float, default=0.0, help="dropout rate (default 0)")
    parser.add_argument("--unfused", action="store_true", help="PyTorch's default AdamW instead of the fused one")
    args = parser.parse_args()
    if args.child:
        common.emit(child(args.child, args))
        return
    setting = common.setting(args.threads)
    common.emit({"setting": setting, "model": str(args.model and args.model.name or args.shape), "dropout": args.dropout})
    for mode, results in common.run_modes(__file__, args, MODES):
        if not common.failed(mode, results):
            report(mode, results, setting["versions"])


if __name__ == "__main__":
    main()
