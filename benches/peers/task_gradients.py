"""Gradients of four tasks on the same batch: what multi-task methods cost beside one backward pass.

One shared encoder in f32, four linear heads on the first token, batches of 32 as texts come. A step
is the forward pass, the gradients, and AdamW. Modes:
  sum                     one backward pass of the summed losses: the measure for all others
  libmtl-pcgrad           LibMTL's own PCGrad: a backward pass a task, flat copies of all gradients
  torchjd-backward-X      TorchJD's `backward` of the four losses, Jacobians of every parameter
  torchjd-mtl-X           TorchJD's `mtl_backward`, split at the shared features
  torchjd-mtl-one-X       the same, one task after the other (`parallel_chunk_size=1`)
  torchjd-autogram-X      TorchJD's Gramian engine, then one backward pass of the weighted losses
  representation-X        gradients up to the shared features only, then one backward pass below
X is pcgrad or upgrad, both by TorchJD. Prints one JSON line a mode; ratios are to `sum`, of total times
over the same batches, whose different widths are what spreads the milliseconds.
"""

import statistics
import time

import common
import workload

TASKS = 4
MODES = ["sum", "libmtl-pcgrad"] + [
    f"{way}-{method}" for way in (
        "torchjd-backward", "torchjd-mtl", "torchjd-mtl-one", "torchjd-autogram", "representation")
    for method in ("pcgrad", "upgrad")]


def libmtl_pcgrad(encoder):
    """LibMTL's PCGrad over the parameters of `encoder`: a function of the losses."""
    import torch

    weighting = common.libmtl_weighting().PCGrad()
    shared = list(encoder.parameters())
    weighting.task_num, weighting.device, weighting.rep_grad = TASKS, torch.device("cpu"), False
    weighting.get_share_params = lambda: iter(shared)

    def zero_grad_share_params():
        for parameter in shared:
            parameter.grad.zero_()

    weighting.zero_grad_share_params = zero_grad_share_params
    return weighting.backward


def gradients(mode, torch, encoder, heads):
    """A function of features and losses that leaves `.grad` in every parameter."""
    if mode == "sum":
        return lambda features, losses: sum(losses).backward()
    if mode.startswith("libmtl"):
        weigh = libmtl_pcgrad(encoder)
        return lambda features, losses: weigh(losses)
    from torchjd.aggregation import PCGrad, PCGradWeighting, UPGrad, UPGradWeighting
    from torchjd.autogram import Engine
    from torchjd.autojac import backward, jac_to_grad, mtl_backward

    way, method = mode.rsplit("-", 1)
    aggregator = {"pcgrad": PCGrad, "upgrad": UPGrad}[method]()
    weighting = {"pcgrad": PCGradWeighting, "upgrad": UPGradWeighting}[method]()
    shared, own = list(encoder.parameters()), [list(head.parameters()) for head in heads]
    everything = shared + sum(own, [])
    if way == "torchjd-backward":
        def run(features, losses):
            backward(losses, inputs=everything)
            jac_to_grad(everything, aggregator)
    elif way.startswith("torchjd-mtl"):
        chunk = 1 if way.endswith("one") else None

        def run(features, losses):
            mtl_backward(losses, features=features, tasks_params=own, shared_params=shared, parallel_chunk_size=chunk)
            jac_to_grad(shared, aggregator)
    elif way == "torchjd-autogram":
        engine = Engine(encoder, batch_dim=None)

        def run(features, losses):
            losses = torch.stack(losses)
            losses.backward(weighting(engine.compute_gramian(losses)))
    else:
        def run(features, losses):
            rows = []
            for loss, parameters in zip(losses, own):
                row, *rest = torch.autograd.grad(loss, [features, *parameters], retain_graph=True)
                for parameter, gradient in zip(parameters, rest):
                    parameter.grad = gradient
                rows.append(row)
            combined = aggregator(torch.stack([row.flatten() for row in rows]))
            features.backward(combined.view_as(features))
    return run


def child(mode, args):
    torch = common.torch_setup(args.threads)
    encoder = common.encoder(args, args.attention).train()
    heads = torch.nn.ModuleList(torch.nn.Linear(encoder.config.hidden_size, 4) for _ in range(TASKS))
    optimizer = torch.optim.AdamW([*encoder.parameters(), *heads.parameters()], lr=2e-5, fused=True)
    run = gradients(mode, torch, encoder, heads)
    rows = workload.sequences(encoder.config.vocab_size)

    def step(batch):
        ids, mask = map(torch.tensor, workload.padded([rows[i] for i in batch]))
        labels = [torch.tensor([workload.label(i, task) for i in batch]) for task in range(TASKS)]
        times = [time.perf_counter()]
        features = encoder(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
        losses = [torch.nn.functional.cross_entropy(head(features), y) for head, y in zip(heads, labels)]
        times.append(time.perf_counter())
        run(features, losses)
        times.append(time.perf_counter())
        norm = sum(p.grad.square().sum() for p in encoder.parameters()).sqrt().item()
        times_of_norm = time.perf_counter() - times[-1]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append(time.perf_counter() - times_of_norm)
        return [1e3 * (after - before) for before, after in zip(times, times[1:])] + [norm]

    result = {"rss_before_mb": common.memory_mb("VmRSS")}
    for batch in workload.chosen(max(1, args.warmup), False)[: args.warmup]:
        step(batch)
    batches = workload.chosen(args.steps, False)
    with common.watched(result):
        phases = list(zip(*(step(batch) for batch in batches)))
    result.update(zip(("forward_ms", "gradients_ms", "optimizer_ms", "gradient_norms"), phases))
    result["tokens"] = [sum(len(rows[i]) for i in batch) for batch in batches]
    return result


def report(mode, results, baseline, versions):
    """Prints the line of a mode; answers with its times, for the ratios of later ones."""
    quiet, results = common.quiet(results)
    phases = {name: common.pooled(results, f"{name}_ms") for name in ("forward", "gradients", "optimizer")}
    steps = [sum(parts) for parts in zip(*phases.values())]
    mine = {"step": statistics.mean(steps), "gradients": statistics.mean(phases["gradients"]),
            "cpu": 1e3 * sum(run["cpu_seconds"] for run in results) / len(steps)}
    ratios = {f"{name}_ratio": round(mine[name] / baseline[name], 2) for name in mine} if baseline else {}
    common.emit({
        "mode": mode, "step_ms": common.spread(steps), **ratios,
        **{f"{name}_ms": common.spread(values) for name, values in phases.items()}, "cpu_ms": round(mine["cpu"], 1),
        "tokens_per_second_overall": round(1e3 * sum(common.pooled(results, "tokens")) / sum(steps)),
        "last_gradient_norm": round(results[0]["gradient_norms"][-1], 4),
        "rss_before_mb": max(run["rss_before_mb"] for run in results),
        "peak_rss_mb": max(run["peak_rss_mb"] for run in results),
        **quiet, "steps": len(steps), "versions": versions,
    })
    return mine


def main():
    parser = common.parser(__doc__, steps=6)
    parser.add_argument("--attention", choices=("eager", "sdpa"), default="eager", help="default eager")
    args = parser.parse_args()
    if args.child:
        common.emit(child(args.child, args))
        return
    setting = common.setting(args.threads)
    model = args.model.name if args.model else args.shape
    common.emit({"setting": setting, "model": model, "attention": args.attention})
    baseline = None
    for mode, results in common.run_modes(__file__, args, MODES):
        if not common.failed(mode, results):
            mine = report(mode, results, baseline, setting["versions"])
            baseline = mine if mode == "sum" else baseline


if __name__ == "__main__":
    main()
