//! A folder with a small run in it, and the program started there.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// A run file over `train.jsonl`, `dev.jsonl` and `test.jsonl`.
pub const RUN: &str = r#"[run]
name = "tiny"

[encoder]
preset = "mt-net-window"

[train]
max_steps = 4

[[dataset]]
name = "requests"
format = "jsonl"
tokens = "tokens"
train = "train.jsonl"
dev = "dev.jsonl"
test = "test.jsonl"

[[task]]
name = "intent"
dataset = "requests"
head = "classification"
label = "intent"

[[task]]
name = "slots"
dataset = "requests"
head = "token-classification"
label = "slots"
"#;

const DATA: &str = r#"{"tokens": ["play", "Adele"], "intent": "play", "slots": ["O", "B-artist"]}
{"tokens": ["book", "a", "table"], "intent": "book", "slots": ["O", "O", "O"]}
{"tokens": ["play", "some", "Bach"], "intent": "play", "slots": ["O", "O", "B-artist"]}
{"tokens": ["book", "two", "seats"], "intent": "book", "slots": ["O", "O", "O"]}
"#;

/// A temporary folder that the program works in, so that messages hold no other path.
#[derive(Debug)]
pub struct Workplace {
    folder: TempDir,
}

/// How the program ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Workplace {
    /// [`RUN`] with its data.
    pub fn new() -> Self {
        let workplace = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        workplace.write("run.toml", RUN);
        for split in ["train", "dev", "test"] {
            workplace.write(&format!("{split}.jsonl"), DATA);
        }
        workplace
    }

    /// Writes a file, into new folders if need be.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to write to");
        fs::write(path, content).expect("a file that can be written");
    }

    /// Writes the run file with the first `from` replaced by `to`.
    #[track_caller]
    pub fn change_run(&self, from: &str, to: &str) {
        assert!(RUN.contains(from), "{from}");
        self.write("run.toml", RUN.replacen(from, to, 1));
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the program with nothing to read.
    pub fn mtnet(&self, args: &[&str]) -> Outcome {
        self.mtnet_reading(args, "")
    }

    /// The program in this folder, its output kept.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mtnet"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("MTNET_LOG")
            .env_remove("CARGO")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts the program with something to read.
    pub fn mtnet_reading(&self, args: &[&str], input: impl AsRef<[u8]>) -> Outcome {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that ends early has read enough.
        let _ = child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(input.as_ref());
        let output = child.wait_with_output().expect("the program ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Outcome {
            code: output.status.code().expect("no signal ended it"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Outcome {
    /// The standard output of a program that succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self.stdout
    }

    /// The error, and that it is the only one and ended the program with `code`.
    #[track_caller]
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.stderr.matches("error: ").count(), 1, "{}", self.stderr);
        let start = self.stderr.find("error: ").expect("an error");
        self.stderr[start..].trim_end().to_owned()
    }
}

/// A model folder, trained once for all tests; copy it to change it.
pub fn model() -> &'static Path {
    static MODEL: OnceLock<(Workplace, std::path::PathBuf)> = OnceLock::new();
    let (_, path) = MODEL.get_or_init(|| {
        let workplace = Workplace::new();
        workplace
            .mtnet(&["train", "run.toml", "--output", "run"])
            .ok();
        let path = workplace.path("run/model");
        (workplace, path)
    });
    path
}

/// A copy of [`model`] at `model` in a workplace.
pub fn copy_model(workplace: &Workplace) {
    for entry in fs::read_dir(model()).expect("a model folder") {
        let entry = entry.expect("a file");
        let content = fs::read(entry.path()).expect("a file that can be read");
        workplace.write(&format!("model/{}", entry.file_name().display()), content);
    }
}

/// One section a case: what was done, the exit code and the message.
pub fn snapshot(cases: impl IntoIterator<Item = (String, i32, String)>) -> String {
    let section = |(name, code, message): (String, i32, String)| {
        format!("# {name}\nexit {code}\n{message}\n")
    };
    cases
        .into_iter()
        .map(section)
        .collect::<Vec<_>>()
        .join("\n")
}
