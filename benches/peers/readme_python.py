"""Runs the Python of a document, block by block, after the exports that it speaks of.

    python readme_python.py --model runs/quickstart/model --bert MODEL [--mtnet target/release/mtnet] [--document README.md]

`cargo xtask` in its `sh` blocks becomes `--mtnet`, `runs/quickstart/model` becomes `--model`, and `MODEL`, of which
transformers must have a class, becomes `--bert`. Only `export` is run. Prints JSON lines; the exit code is 1 where a
block fails.
"""

import argparse
import importlib.metadata
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main():
    root = Path(__file__).resolve().parents[2]
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--model", type=Path, required=True, help="the model folder that stands for the quick start's")
    made.add_argument("--bert", type=Path, required=True, help="the model folder that stands for MODEL")
    made.add_argument("--mtnet", type=Path, default=root / "target/release/mtnet", help="the program")
    made.add_argument("--document", type=Path, default=root / "README.md")
    args = made.parse_args()
    versions = {}
    for name in ("torch", "transformers", "onnxruntime", "numpy"):
        versions[name] = importlib.metadata.version(name)
    print(json.dumps({"python": sys.version.split()[0], "versions": versions}))
    folders = {"runs/quickstart/model": str(args.model.resolve()), "MODEL": str(args.bert.resolve()), "runs/assistant/model": str(args.bert.resolve())}
    failed = ran = 0
    with tempfile.TemporaryDirectory() as work:
        for kind, text in BLOCK.findall(args.document.read_text(encoding="utf-8")):
            commands = []
            if kind == "python":
                commands.append([sys.executable, "-c", text])
            else:
                for line in text.splitlines():
                    words = shlex.split(line, comments=True)
                    if words[:3] == ["cargo", "xtask", "export"]:
                        commands.append([str(args.mtnet.resolve()), *(folders.get(word, word) for word in words[2:])])
            for command in commands:
                done = subprocess.run(command, cwd=work, capture_output=True, text=True)
                ran += 1
                failed += done.returncode != 0
                told = text.strip().splitlines() if kind == "python" else [" ".join(command[1:])]
                print(json.dumps({"kind": kind, "ran": told[-1], "exit": done.returncode, "said": done.stdout.strip()[-600:],
                                  **({"error": done.stderr.strip()[-1500:]} if done.returncode else {})}, ensure_ascii=False))
    print(json.dumps({"ran": ran, "failed": failed}))
    sys.exit(1 if failed or not ran else 0)


if __name__ == "__main__":
    main()
