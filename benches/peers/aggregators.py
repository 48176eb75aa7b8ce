"""Gradient aggregation alone: how long TorchJD and LibMTL take to combine the gradients of m tasks.

Rows are standard normal, f32, drawn with seed m; eight matrices take turns, so that what keeps state
meets new input each time. Inputs: `jacobian`, m x 1000 to the combined gradient, and `gramian`,
m x m to the weights. Prints one JSON line for each method, input and m, in microseconds a call.
LibMTL has no entry for Gramians: it is timed on Jacobians, with its gathering of gradients and
writing back cut out. `cargo xtask bench balance` times this project's methods at the same sizes.
"""

import random
import time
import warnings

import common

SIZES = (2, 4, 8, 16, 32, 64)
COLUMNS = 1000


def torchjd_methods(m, torch):
    """Name, what makes it, and which input it takes."""
    from torchjd import aggregation as a

    equal = torch.full((m,), 1.0 / m)
    aggregators = {
        "Mean": a.Mean, "Sum": a.Sum, "Random": a.Random, "Constant": lambda: a.Constant(equal),
        "AlignedMTL": a.AlignedMTL, "CAGrad": lambda: a.CAGrad(c=0.5), "ConFIG": a.ConFIG,
        "DualProj": a.DualProj, "ExcessMTL": a.ExcessMTL, "FairGrad": lambda: a.FairGrad(alpha=1.0),
        "GradDrop": a.GradDrop, "GradVac": a.GradVac, "IMTLG": a.IMTLG,
        "Krum": lambda: a.Krum(n_byzantine=1), "MGDA": a.MGDA, "NashMTL": lambda: a.NashMTL(n_tasks=m),
        "PCD": a.PCD, "PCGrad": a.PCGrad, "TrimmedMean": lambda: a.TrimmedMean(trim_number=1),
        "UPGrad": a.UPGrad,
    }
    weightings = {
        "Mean": a.MeanWeighting, "Sum": a.SumWeighting, "Random": a.RandomWeighting,
        "Constant": lambda: a.ConstantWeighting(equal), "AlignedMTL": a.AlignedMTLWeighting,
        "CAGrad": lambda: a.CAGradWeighting(c=0.5), "DualProj": a.DualProjWeighting,
        "FairGrad": lambda: a.FairGradWeighting(alpha=1.0), "GradVac": a.GradVacWeighting,
        "IMTLG": a.IMTLGWeighting, "Krum": lambda: a.KrumWeighting(n_byzantine=1), "MGDA": a.MGDAWeighting,
        "PCD": a.PCDWeighting, "PCGrad": a.PCGradWeighting, "UPGrad": a.UPGradWeighting,
        "MoDo": a.MoDoWeighting, "SDMGrad": a.SDMGradWeighting,
        "CRMOGM(UPGrad)": lambda: a.CRMOGMWeighting(a.UPGradWeighting()),
    }
    for name, make in aggregators.items():
        yield "torchjd", name, "jacobian", make
    for name, make in weightings.items():
        yield "torchjd", name, "gramian", make


def libmtl_methods(m, torch):
    """LibMTL's classes, fed with a Jacobian in place of the gradients that they would gather."""
    try:
        weighting = common.libmtl_weighting()
    except ImportError as error:
        common.emit({"library": "LibMTL", "error": str(error)})
        return
    options = {"PCGrad": {}, "GradVac": {"beta": 0.5}, "IMTL": {}, "MGDA": {"mgda_gn": "none"},
               "CAGrad": {"calpha": 0.5, "rescale": 1}}

    def maker(name):
        def make():
            made = getattr(weighting, name)()
            made.task_num, made.device, made.rep_grad = m, torch.device("cpu"), False
            made.init_param()
            made._compute_grad_dim = lambda: None
            made._reset_grad = lambda gradient: None
            losses = torch.ones(m)

            def call(jacobian):
                made._compute_grad = made._get_grads = lambda *_, **__: jacobian
                return made.backward(losses, **options[name])

            return call

        return make

    for name in options:
        yield "LibMTL", name, "jacobian", maker(name)


def measure(method, inputs, seconds):
    """Microseconds of calls for about `seconds`, at least three, after one that is not counted."""
    output = method(inputs[0])
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 10_000):
        given = inputs[(len(times) + 1) % len(inputs)]
        begun = time.perf_counter_ns()
        method(given)
        times.append((time.perf_counter_ns() - begun) / 1e3)
    return times, output


def main():
    parser = common.parser(__doc__, steps=0, model=False)
    parser.set_defaults(threads=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="M", help="numbers of tasks")
    parser.add_argument("--seconds", type=float, default=0.3, help="time for each line (default 0.3)")
    parser.add_argument("--only", help="only methods whose name contains this")
    args = parser.parse_args()
    common.emit({"setting": common.setting(args.threads), "columns": COLUMNS, "unit": "microseconds"})
    torch = common.torch_setup(args.threads)
    warnings.simplefilter("ignore")
    for m in args.sizes:
        draw = torch.Generator().manual_seed(m)
        jacobians = [torch.randn(m, COLUMNS, generator=draw) for _ in range(8)]
        inputs = {"jacobian": jacobians, "gramian": [jacobian @ jacobian.T for jacobian in jacobians]}
        for library, name, kind, make in [*torchjd_methods(m, torch), *libmtl_methods(m, torch)]:
            if args.only and args.only not in name:
                continue
            torch.manual_seed(1)
            random.seed(1)
            line, watch = {"library": library, "method": name, "input": kind, "m": m}, {}
            try:
                with common.watched(watch):
                    times, output = measure(make(), inputs[kind], args.seconds)
            except Exception as error:  # A library that cannot do a size is told and does not stop the others.
                common.emit({**line, "error": f"{type(error).__name__}: {error}".splitlines()[0]})
                continue
            finite = not torch.is_tensor(output) or bool(torch.isfinite(output).all())
            common.emit({**line, **common.spread(times), "calls": len(times), "finite": finite,
                         "other_cores_busy": watch.get("other_cores_busy")})


if __name__ == "__main__":
    main()
