//! Three clean data sets, and faults to plant into them one at a time.

use std::fmt::Write as _;

use crate::workplace::Workplace;

const WORDS: [&str; 24] = [
    "amber", "basil", "cedar", "daisy", "ember", "fern", "grove", "hazel", "iris", "juniper",
    "kelp", "laurel", "maple", "nettle", "olive", "poppy", "quince", "rowan", "sage", "thyme",
    "umber", "violet", "willow", "yarrow",
];

/// Six words that no other number has: its digits to the base of the words, some of them turned.
fn sentence(number: usize) -> Vec<&'static str> {
    let mut rest = number;
    (0..6)
        .map(|place| {
            let word = WORDS[(rest + place * (number % 7 + 1)) % WORDS.len()];
            rest /= WORDS.len();
            word
        })
        .chain([WORDS[number % 24], WORDS[number / 24 % 24]])
        .take(7)
        .collect()
}

const RUN: &str = r#"[run]
name = "check"
[encoder]
preset = "mt-net-window"
hidden_size = 16
[train]
epochs = 1.0
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
[[dataset]]
name = "ratings"
format = "csv"
train = "ratings.csv"
test = "ratings-test.csv"
[[task]]
name = "rating"
dataset = "ratings"
head = "regression"
label = "rating"
[[dataset]]
name = "topics"
format = "tsv"
train = "topics.tsv"
test = "topics-test.tsv"
label_separator = ","
[[task]]
name = "topics"
dataset = "topics"
head = "multi-label"
label = "topics"
"#;

pub(super) fn requests(numbers: std::ops::Range<usize>) -> String {
    let mut text = String::new();
    for number in numbers {
        let words = sentence(number);
        let tags: Vec<&str> = (0..words.len())
            .map(|word| match (word + number) % 7 {
                0 if word + 1 < words.len() => "B-tree",
                1 if word > 0 => "I-tree",
                _ => "O",
            })
            .collect();
        let intent = ["plant", "water", "prune"][number % 3];
        let line = serde_json::json!({"tokens": words, "slots": tags, "intent": intent});
        let _ = writeln!(text, "{line}");
    }
    text
}

fn table(header: &str, numbers: std::ops::Range<usize>, cell: fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    for number in numbers {
        let delimiter = if header.contains('\t') { '\t' } else { ',' };
        let words = sentence(number).join(" ");
        let _ = writeln!(text, "{words}{delimiter}{}", cell(number));
    }
    text
}

/// Three data sets without a fault. No text is in two of them.
pub(super) fn clean() -> Workplace {
    let workplace = Workplace::new();
    workplace.write("run.toml", RUN);
    workplace.write("train.jsonl", requests(0..240));
    workplace.write("dev.jsonl", requests(1_000..1_060));
    workplace.write("test.jsonl", requests(2_000..2_060));
    let rating = |number: usize| format!("{}.5", number % 5);
    let topics = |number: usize| ["tree", "herb", "tree,flower"][number % 3].to_owned();
    workplace.write("ratings.csv", table("text,rating", 3_000..3_240, rating));
    workplace.write(
        "ratings-test.csv",
        table("text,rating", 4_000..4_060, rating),
    );
    workplace.write("topics.tsv", table("text\ttopics", 5_000..5_240, topics));
    workplace.write(
        "topics-test.tsv",
        table("text\ttopics", 6_000..6_060, topics),
    );
    workplace
}

fn read(workplace: &Workplace, name: &str) -> String {
    std::fs::read_to_string(workplace.path(name)).expect("a file")
}

/// The file with its `line`-th line (from 0) changed.
fn change(workplace: &Workplace, name: &str, line: usize, edit: impl Fn(&str) -> String) {
    let text = read(workplace, name);
    let lines = text.lines().enumerate();
    let changed: Vec<String> = lines
        .map(|(number, content)| match number == line {
            true => edit(content),
            false => content.to_owned(),
        })
        .collect();
    workplace.write(name, changed.join("\n") + "\n");
}

/// The first lines of one file behind another.
fn append(workplace: &Workplace, from: &str, count: usize, to: &str) {
    let source = read(workplace, from);
    let lines: Vec<&str> = source.lines().skip(1).take(count).collect();
    let text = read(workplace, to) + &lines.join("\n") + "\n";
    workplace.write(to, text);
}

pub(super) type Plant = fn(&Workplace);

/// A fault, what must be said about it, and how it is planted.
pub(super) const FAULTS: [(&str, &str, Plant); 24] = [
    (
        "a training text in the test",
        "are training texts as well",
        |w| append(w, "train.jsonl", 5, "test.jsonl"),
    ),
    (
        "a training text in another task's test",
        "cross-task-leak",
        |w| {
            let words = sentence(17).join(" ");
            w.write(
                "topics-test.tsv",
                read(w, "topics-test.tsv") + &format!("{words}\ttree\n"),
            );
        },
    ),
    ("duplicates", "duplicate", |w| {
        append(w, "ratings.csv", 5, "ratings.csv")
    }),
    ("near duplicates", "near-duplicate", |w| {
        let copies: String = (5_000..5_020)
            .map(|n| format!("{}!\ttree\n", sentence(n).join("  ").to_uppercase()))
            .collect();
        w.write("topics.tsv", read(w, "topics.tsv") + &copies);
    }),
    ("near duplicates over splits", "near-leak", |w| {
        let copies: String = (5_000..5_020)
            .map(|n| format!("{}?\ttree\n", sentence(n).join(", ")))
            .collect();
        w.write("topics-test.tsv", read(w, "topics-test.tsv") + &copies);
    }),
    ("one text with two labels", "contradicting-labels", |w| {
        let words = sentence(5_001).join(" ");
        w.write(
            "topics.tsv",
            read(w, "topics.tsv") + &format!("{words}\tflower\n"),
        );
    }),
    ("uneven classes", "class-imbalance", |w| {
        w.write(
            "train.jsonl",
            read(w, "train.jsonl").replace("\"water\"", "\"plant\""),
        );
        change(w, "train.jsonl", 1, |line| {
            line.replace("\"plant\"", "\"water\"")
        });
    }),
    ("a rare label", "fewer than 10 times", |w| {
        change(w, "train.jsonl", 0, |line| {
            line.replace("\"plant\"", "\"graft\"")
        });
    }),
    ("a label of the test alone", "label-not-in-training", |w| {
        let run = RUN.replace(
            "label = \"intent\"",
            "label = \"intent\"\nunknown_label = \"ignore\"",
        );
        w.write("run.toml", run);
        let text = read(w, "test.jsonl");
        let text = ["plant", "water", "prune"]
            .iter()
            .fold(text, |text, intent| {
                text.replacen(&format!("\"{intent}\""), "\"graft\"", 1)
            });
        w.write("test.jsonl", text);
    }),
    ("a label of training alone", "label-only-in-training", |w| {
        w.write(
            "dev.jsonl",
            read(w, "dev.jsonl").replace("\"water\"", "\"plant\""),
        );
    }),
    ("a label in two spellings", "label-spelling", |w| {
        let text = read(w, "train.jsonl").replacen("\"water\"", "\"Water\"", 20);
        w.write("train.jsonl", text);
    }),
    ("a number among names", "label-type", |w| {
        let text = read(w, "train.jsonl").replacen("\"prune\"", "2", 15);
        w.write("train.jsonl", text);
    }),
    ("an empty text", "empty-text", |w| {
        change(w, "ratings.csv", 3, |_| ",1.5".to_owned())
    }),
    ("a broken entity", "broken-entity", |w| {
        change(w, "train.jsonl", 2, |line| {
            line.replacen("\"O\"", "\"I-tree\"", 1)
                .replacen("\"B-tree\"", "\"O\"", 1)
        });
    }),
    ("an entity of a comma", "blank-entity", |w| {
        change(w, "train.jsonl", 0, |_| {
            r#"{"tokens":[",","oak"],"slots":["B-tree","I-tree"],"intent":"plant"}"#.to_owned()
        });
    }),
    ("mojibake", "mojibake", |w| {
        change(w, "ratings.csv", 3, |_| "cafÃ© crÃ¨me,1.5".to_owned())
    }),
    ("a replacement character", "replacement-character", |w| {
        change(w, "ratings.csv", 3, |_| {
            "caf\u{FFFD} au lait,1.5".to_owned()
        });
    }),
    ("a zero-width space", "invisible-character", |w| {
        change(w, "ratings.csv", 3, |_| {
            "cafe\u{200B} au lait,1.5".to_owned()
        });
    }),
    ("a byte order mark", "byte-order-mark", |w| {
        w.write("ratings.csv", format!("\u{FEFF}{}", read(w, "ratings.csv")));
    }),
    ("two kinds of line ends", "mixed-line-ends", |w| {
        change(w, "topics.tsv", 9, |line| format!("{line}\r"));
    }),
    ("markup", "markup", |w| {
        for line in 1..8 {
            change(w, "ratings.csv", line, |row| format!("R&amp;D {row}"));
        }
    }),
    ("a constant number", "constant-target", |w| {
        let rating = |_: usize| "3.0".to_owned();
        w.write("ratings.csv", table("text,rating", 3_000..3_240, rating));
    }),
    ("texts that are cut", "are cut at", |w| {
        w.write(
            "run.toml",
            RUN.replace("hidden_size = 16", "hidden_size = 16\nmax_length = 8"),
        );
    }),
    ("a small task drawn often", "times an epoch", |w| {
        let run = RUN.replace("[[dataset]]\nname = \"requests\"", "[sampler]\nstrategy = \"uniform\"\nexamples_per_epoch = 12000\n[[dataset]]\nname = \"requests\"");
        w.write("run.toml", run);
        let few = |number: usize| ["tree", "herb"][number % 2].to_owned();
        let header = "text\ttopics";
        w.write("topics.tsv", table(header, 5_000..5_120, few));
        w.write("topics-test.tsv", table(header, 6_000..6_060, few));
    }),
];
