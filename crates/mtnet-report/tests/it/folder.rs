//! Run folders as the trainer leaves them, small and made up.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with a run in it.
#[derive(Debug)]
pub struct Folder {
    whole: TempDir,
    name: String,
}

impl Folder {
    /// Nothing but an empty log.
    pub fn empty() -> Self {
        let folder = Self {
            whole: tempfile::tempdir().expect("a temporary folder"),
            name: "run".to_owned(),
        };
        fs::create_dir(folder.path()).expect("a run folder");
        folder.write("metrics.jsonl", "");
        folder
    }

    /// A run of three tasks that ended well.
    pub fn finished() -> Self {
        let folder = Self::going_on(400);
        folder.append(
            &json!({"event": "evaluation", "step": 400, "epoch": 4.0, "split": "test",
            "metrics": scores(0.85), "seconds": 0.2}),
        );
        folder.append(
            &json!({"event": "run_end", "step": 400, "reason": "finished", "seconds": 31.5}),
        );
        let results = json!({"test": scores(0.85), "dev": scores(0.88), "majority": scores(0.3),
            "main_metric": {"intent": "accuracy", "slots": "entity_f1", "mood": "spearman"},
            "best_step": 300, "steps": 400, "seconds": 31.5, "tokens_per_second": 12345.6,
            "trained_parameters": 1234567});
        folder.write("results.json", results.to_string());
        folder.write("predictions-test.jsonl", predictions("test"));
        folder.write("predictions-dev.jsonl", predictions("dev"));
        folder
    }

    /// The same run after `steps` of its 400 steps, without an end.
    pub fn going_on(steps: u64) -> Self {
        let folder = Self::empty();
        folder.write("run.toml", settings(7, 1e-3));
        folder.write(
            "run.json",
            json!({"mtnet_version": "0.1.0", "seed": 7, "device": "cpu",
            "platform": "linux-x86_64", "isa": "avx2", "threads": 2, "parameters": 1300000,
            "vocab_size": 16000, "data": {"/some/where/data/train.jsonl": "abc123"}})
            .to_string(),
        );
        folder.append(&json!({"event": "run_start", "run": "assistant", "seed": 7,
            "tasks": ["intent", "slots", "mood"], "trained_parameters": 1234567, "total_steps": 400}));
        for step in (20..=steps).step_by(20) {
            let fall = 2.0 * (-(step as f64) / 150.0).exp() + 0.1;
            folder.append(&json!({"event": "step", "step": step, "epoch": step as f64 / 100.0,
                "loss": 3.0 * fall, "task_losses": {"intent": fall, "slots": 1.5 * fall, "mood": 0.4},
                "task_weights": {"intent": 1.0, "slots": 1.0, "mood": 0.5},
                "learning_rate": 1e-3 * (1.0 - step as f64 / 400.0), "grad_norm": 2.5,
                "tokens": 512, "tokens_per_second": 12000.0, "seconds": step as f64 * 0.08}));
            folder.append(&json!({"event": "balance", "step": step, "samples": 1,
                "tasks": {"intent": {"samples": 1, "gradient_norm": 0.5, "weight": 1.0, "share": 0.6},
                    "slots": {"samples": 1, "gradient_norm": 0.7, "weight": 1.0, "share": 0.4}},
                "pairs": [{"tasks": ["intent", "slots"], "samples": 1,
                    "cosine": if step < 200 { 0.3 } else { -0.1 }, "conflict_rate": 0.5}]}));
            if step % 100 == 0 {
                let level = 0.5 + step as f64 / 1000.0;
                folder.append(
                    &json!({"event": "evaluation", "step": step, "epoch": step as f64 / 100.0,
                    "split": "dev", "metrics": scores(level), "selection": level,
                    "is_best": step <= 300, "seconds": 0.1}),
                );
            }
        }
        folder.append(
            &json!({"event": "alarm", "step": 40, "kind": "task_dominates", "task": "slots",
            "message": "slots makes 95 % of the gradient"}),
        );
        folder
    }

    /// Another seed or learning rate of the run, in a folder of its own.
    pub fn variant(seed: u64, learning_rate: f64, level: f64) -> Self {
        let folder = Self::finished();
        folder.write("run.toml", settings(seed, learning_rate));
        let text = folder.read("metrics.jsonl");
        folder.write(
            "metrics.jsonl",
            text.replace("\"seed\":7", &format!("\"seed\":{seed}")),
        );
        let mut results: Value = serde_json::from_str(&folder.read("results.json")).unwrap();
        results["test"] = scores(level);
        folder.write("results.json", results.to_string());
        folder.renamed(&format!("run-{seed}-{learning_rate}"))
    }

    fn renamed(mut self, name: &str) -> Self {
        let to = self.whole.path().join(name);
        fs::rename(self.path(), to).expect("a folder that can be renamed");
        self.name = name.to_owned();
        self
    }

    /// Where the run is.
    pub fn path(&self) -> PathBuf {
        self.whole.path().join(&self.name)
    }

    /// Writes a file of the run.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).expect("a file that can be written");
    }

    /// Reads a file of the run.
    pub fn read(&self, name: &str) -> String {
        read(&self.path().join(name))
    }

    /// Adds a line to the log.
    pub fn append(&self, event: &Value) {
        let text = self.read("metrics.jsonl");
        self.write("metrics.jsonl", format!("{text}{event}\n"));
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file that can be read")
}

fn settings(seed: u64, learning_rate: f64) -> String {
    format!(
        "[run]\nname = \"assistant\"\nseed = {seed}\n[encoder]\npreset = \"mt-net-mini\"\n\
         [train]\nlearning_rate = {learning_rate:?}\n[balance]\nmethod = \"equal\"\n"
    )
}

fn scores(level: f64) -> Value {
    json!({"intent": {"accuracy": level, "loss": 1.0 - level}, "slots": {"entity_f1": level - 0.1, "loss": 0.5},
        "mood": {"spearman": null, "loss": 0.4}})
}

/// Eight texts: intents of which two are wrong, slots of which one is missed, moods.
fn predictions(split: &str) -> String {
    let header = json!({"format": 1, "split": split, "step": 300, "columns": {
        "intent": ["book", "play"], "slots": ["O", "B-artist", "I-artist"], "mood": ["mood"]}});
    let mut lines = vec![header.to_string()];
    for number in 0..8 {
        let right = number != 3 && number != 5;
        let text = match number {
            3 => "play <script>alert(1)</script> & more".to_owned(),
            _ => format!("play Adele {number}"),
        };
        let place =
            json!({"dataset": "requests", "line": number + 1, "tokens": 4 + number, "text": text});
        let with = |task: &str, outcome: Value| {
            let mut line = place.clone();
            line["task"] = task.into();
            for (key, value) in outcome.as_object().unwrap() {
                line[key] = value.clone();
            }
            line.to_string()
        };
        lines.push(with(
            "intent",
            json!({"kind": "class", "truth": "play",
            "answer": if right { "play" } else { "book" },
            "probabilities": if right { [0.1, 0.9] } else { [0.95, 0.05] }}),
        ));
        if number != 3 {
            lines.push(with(
                "slots",
                json!({"kind": "tags", "words": [[0, 4], [5, 10], [11, 12]],
                "truth": ["O", "B-artist", null],
                "answer": ["O", if number == 2 { "O" } else { "B-artist" }, "O"],
                "probabilities": [0.99, 0.8, 0.7]}),
            ));
        }
        lines.push(with(
            "mood",
            json!({"kind": "numbers", "truth": [0.5], "answer": [0.5 + 0.1 * f64::from(number)]}),
        ));
    }
    lines.join("\n") + "\n"
}
