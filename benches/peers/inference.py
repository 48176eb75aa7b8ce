"""Inference: texts a second of PyTorch and of ONNX Runtime for a text classifier with four labels.

Three ways to ask: batches of 32 as texts come (`padded`), batches of 32 sorted by length
(`grouped`), and one text at a time (`single`, with its latency). Models: PyTorch in f32 and with
bf16 weights, eager and fused attention; ONNX Runtime in f32, and int8 by dynamic quantisation of the
weights, both with and without its fusion of BERT's layers. Prints one JSON line a model and way.
"""

import sys
import tempfile
import time
from pathlib import Path

import common
import workload

TORCH = [f"torch-{precision}-{attention}" for precision in ("f32", "bf16") for attention in ("sdpa", "eager")]
ONNX = ["onnx-f32", "onnx-f32-fused", "onnx-int8", "onnx-int8-fused"]
WAYS = ("padded", "grouped", "single")


def export(args, folder):
    """Writes the ONNX files of all modes into `folder`; says what was fused, or why nothing was."""
    torch = common.torch_setup(args.threads)
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    model = common.classifier(args, "eager").eval()
    ids, mask = map(torch.tensor, workload.padded([[101, 2000, 102], [101, 2000, 2001, 2002, 102]]))
    (folder / "vocabulary").write_text(str(model.encoder.config.vocab_size))
    plain, notes = folder / "onnx-f32.onnx", {}
    axes = {name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask")}
    # The tracing exporter: the fusion below knows the graphs that it writes.
    with torch.no_grad():
        torch.onnx.export(
            model, (ids, mask), str(plain), dynamo=False, opset_version=17, input_names=list(axes),
            output_names=["logits"], dynamic_axes={**axes, "logits": {0: "batch"}})
    try:
        config = model.encoder.config
        fused = optimizer.optimize_model(
            str(plain), model_type="bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size)
        notes["fused_operators"] = fused.get_fused_operator_statistics()
        fused.save_model_to_file(str(folder / "onnx-f32-fused.onnx"))
    except Exception as error:  # Whatever stops an optional variant is told and does not stop the others.
        notes["error_of_fusion"] = repr(error)
    for suffix in ("", "-fused"):
        source = folder / f"onnx-f32{suffix}.onnx"
        if source.exists():
            # Fused operators are outside the standard, so types of their results cannot be inferred.
            quantize_dynamic(str(source), str(folder / f"onnx-int8{suffix}.onnx"), weight_type=QuantType.QInt8,
                             extra_options={"DefaultTensorType": TensorProto.FLOAT})
    return notes


def torch_model(name, args):
    torch = common.torch_setup(args.threads)
    _, precision, attention = name.split("-")
    model = common.classifier(args, attention).eval()
    if precision == "bf16":
        model = model.to(torch.bfloat16)

    def run(ids, mask):
        with torch.inference_mode():
            return model(torch.tensor(ids), torch.tensor(mask)).float().numpy()

    return run, model.encoder.config.vocab_size


def onnx_model(name, args):
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = args.threads, 1
    path = args.artifacts / f"{name}.onnx"
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(ids, mask):
        inputs = {"input_ids": np.array(ids, dtype=np.int64), "attention_mask": np.array(mask, dtype=np.int64)}
        return session.run(None, inputs)[0]

    return run, int((args.artifacts / "vocabulary").read_text())


def child(mode, args):
    if mode == "export":
        return export(args, args.artifacts)
    name, way = mode.rsplit("/", 1)
    run, vocabulary = (torch_model if name.startswith("torch") else onnx_model)(name, args)
    rows = workload.sequences(vocabulary)
    texts = args.single_texts
    batches = [[i] for i in range(texts)] if way == "single" else workload.chosen(args.steps, way == "grouped")
    for batch in batches[: args.warmup]:
        run(*workload.padded([rows[i] for i in batch]))
    result, milliseconds = {"rss_before_mb": common.memory_mb("VmRSS")}, []
    with common.watched(result):
        for batch in batches:
            begun = time.perf_counter()
            run(*workload.padded([rows[i] for i in batch]))
            milliseconds.append(1e3 * (time.perf_counter() - begun))
    result["first_logits"] = [round(float(x), 4) for x in run(*workload.padded([rows[0]]))[0]]
    result["texts"] = [len(batch) for batch in batches]
    result["tokens"] = [sum(len(rows[i]) for i in batch) for batch in batches]
    result["milliseconds"] = milliseconds
    return result


def report(mode, results, versions):
    quiet, results = common.quiet(results)
    texts, tokens, times = (common.pooled(results, key) for key in ("texts", "tokens", "milliseconds"))
    ordered = sorted(times)
    common.emit({
        "mode": mode,
        "texts_per_second": common.spread([1e3 * n / ms for n, ms in zip(texts, times)]),
        "texts_per_second_overall": round(1e3 * sum(texts) / sum(times), 1),
        "texts_per_second_of_repeats": [
            round(1e3 * sum(run["texts"]) / sum(run["milliseconds"]), 1) for run in results],
        "tokens_per_second_overall": round(1e3 * sum(tokens) / sum(times)),
        "latency_ms": {**common.spread(times, 2), "p90": round(ordered[int(0.9 * len(ordered))], 2)},
        "first_logits": results[0]["first_logits"],
        "cpu_ms": round(1e3 * sum(run["cpu_seconds"] for run in results) / len(times), 1),
        "rss_before_mb": max(run["rss_before_mb"] for run in results),
        "peak_rss_mb": max(run["peak_rss_mb"] for run in results),
        **quiet,
        "calls": len(times), "versions": versions,
    })


def main():
    parser = common.parser(__doc__, steps=16)
    parser.add_argument("--single-texts", type=int, default=100, help="texts of the way `single` (default 100)")
    parser.add_argument("--artifacts", type=Path, help="keep the ONNX files in this folder")
    args = parser.parse_args()
    if args.child:
        common.emit(child(args.child, args))
        return
    setting = common.setting(args.threads)
    common.emit({"setting": setting, "model": args.model.name if args.model else args.shape})
    modes = [f"{name}/{way}" for way in WAYS for name in TORCH + ONNX]
    wanted = [mode for mode in modes if not args.only or any(part in mode for part in args.only)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.artifacts or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        extra = ["--artifacts", str(folder)]
        if any(mode.startswith("onnx") for mode in wanted):
            print("exporting", file=sys.stderr)
            for _, exported in common.run_modes(__file__, common.once(args), ["export"], extra):
                common.emit({"export": exported[0]})
        for mode, results in common.run_modes(__file__, args, wanted, extra):
            if not common.failed(mode, results):
                report(mode, results, setting["versions"])


if __name__ == "__main__":
    main()
