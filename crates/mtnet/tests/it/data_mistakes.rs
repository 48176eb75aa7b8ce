//! Mistakes in data: each has one message with file and line, and exit code 3.

use crate::workplace::{Workplace, snapshot};

/// A data set in another format with one task.
fn run_file(dataset: &str, task: &str) -> String {
    format!(
        "[run]\nname = \"tiny\"\n[encoder]\npreset = \"mt-net-window\"\n\n\
         [[dataset]]\nname = \"d\"\n{dataset}\n\n[[task]]\nname = \"t\"\ndataset = \"d\"\n{task}\n"
    )
}

const LABEL: &str = "head = \"classification\"\nlabel = \"label\"";
const TAGS: &str = "head = \"token-classification\"\nlabel = \"tag\"";
const NUMBER: &str = "head = \"regression\"\nlabel = \"label\"";

pub struct Case {
    name: &'static str,
    dataset: &'static str,
    task: &'static str,
    train: &'static [u8],
    dev: &'static [u8],
    expected: &'static str,
}

const JSONL: &str = "format = \"jsonl\"\ntrain = \"train\"\ndev = \"dev\"";
const CSV: &str = "format = \"csv\"\ntrain = \"train\"\ndev = \"dev\"";
const CONLL: &str = "format = \"conll\"\ntrain = \"train\"\ndev = \"dev\"";
const CONLLU: &str = "format = \"conllu\"\ntrain = \"train\"\ndev = \"dev\"";
const GOOD_JSONL: &[u8] =
    b"{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"b\", \"label\": \"y\"}\n";
const GOOD_CSV: &[u8] = b"text,label\na,x\nb,y\n";
const GOOD_CONLL: &[u8] = b"a O\nb B-X\n\nc O\n";

pub const CASES: [Case; 19] = [
    Case {
        name: "a line that is not JSON",
        dataset: JSONL,
        task: LABEL,
        train: b"{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \n",
        dev: GOOD_JSONL,
        expected: "train:2",
    },
    Case {
        name: "a line that is no object",
        dataset: JSONL,
        task: LABEL,
        train: b"[1]\n",
        dev: GOOD_JSONL,
        expected: "train:1",
    },
    Case {
        name: "a label field that nobody has",
        dataset: JSONL,
        task: LABEL,
        train: b"{\"text\": \"a\", \"lable\": \"x\"}\n",
        dev: GOOD_JSONL,
        expected: "did you mean `lable`?",
    },
    Case {
        name: "an example without text",
        dataset: JSONL,
        task: LABEL,
        train: b"{\"text\": \"a\", \"label\": \"x\"}\n{\"label\": \"y\"}\n",
        dev: GOOD_JSONL,
        expected: "train:2",
    },
    Case {
        name: "a label of another type",
        dataset: JSONL,
        task: LABEL,
        train: b"{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"b\", \"label\": {\"y\": 1}}\n",
        dev: GOOD_JSONL,
        expected: "train:2",
    },
    Case {
        name: "a label that training never saw",
        dataset: JSONL,
        task: LABEL,
        train: GOOD_JSONL,
        dev: b"{\"text\": \"a\", \"label\": \"z\"}\n",
        expected: "dev:1",
    },
    Case {
        name: "only one label",
        dataset: JSONL,
        task: LABEL,
        train: b"{\"text\": \"a\", \"label\": \"x\"}\n",
        dev: b"{\"text\": \"a\", \"label\": \"x\"}\n",
        expected: "`t`",
    },
    Case {
        name: "a number that is none",
        dataset: JSONL,
        task: NUMBER,
        train: b"{\"text\": \"a\", \"label\": 1.5}\n{\"text\": \"b\", \"label\": \"NaN\"}\n",
        dev: b"",
        expected: "train:2",
    },
    Case {
        name: "an empty file",
        dataset: JSONL,
        task: LABEL,
        train: b"",
        dev: GOOD_JSONL,
        expected: "`train`",
    },
    Case {
        name: "bytes that are not UTF-8",
        dataset: JSONL,
        task: LABEL,
        train: b"{\"text\": \"a\", \"label\": \"x\"}\n{\"text\": \"\xff\", \"label\": \"y\"}\n",
        dev: GOOD_JSONL,
        expected: "train:2",
    },
    Case {
        name: "a file in UTF-16",
        dataset: JSONL,
        task: LABEL,
        train: b"\xff\xfe{\x00\"\x00",
        dev: GOOD_JSONL,
        expected: "UTF-16",
    },
    Case {
        name: "a row with a column more",
        dataset: CSV,
        task: LABEL,
        train: b"text,label\na,x\nb,c,y\n",
        dev: GOOD_CSV,
        expected: "train:3",
    },
    Case {
        name: "a quote that is never closed",
        dataset: CSV,
        task: LABEL,
        train: b"text,label\n\"a,x\nb,y\n",
        dev: GOOD_CSV,
        expected: "train:2",
    },
    Case {
        name: "a header without the label",
        dataset: CSV,
        task: LABEL,
        train: b"text,class\na,x\n",
        dev: GOOD_CSV,
        expected: "no field `label`",
    },
    Case {
        name: "two columns of one name",
        dataset: CSV,
        task: LABEL,
        train: b"text,label,label\na,x,y\n",
        dev: GOOD_CSV,
        expected: "train:1",
    },
    Case {
        name: "a word without its tag",
        dataset: CONLL,
        task: TAGS,
        train: b"a O\nb B-X\n\nc O\nd\n",
        dev: GOOD_CONLL,
        expected: "train:5",
    },
    Case {
        name: "a tag that training never saw",
        dataset: CONLL,
        task: TAGS,
        train: GOOD_CONLL,
        dev: b"a O\nb B-Y\n",
        expected: "dev:1: task `t`: label `B-Y`",
    },
    Case {
        name: "a CoNLL-U line with three columns",
        dataset: CONLLU,
        task: "head = \"token-classification\"\nlabel = \"upos\"",
        train: b"1\ta\t_\n\n",
        dev: b"",
        expected: "train:1",
    },
    Case {
        name: "a CoNLL-U word out of turn",
        dataset: CONLLU,
        task: "head = \"token-classification\"\nlabel = \"upos\"",
        train: b"1\ta\t_\tDET\t_\t_\t_\t_\t_\t_\n3\tb\t_\tNOUN\t_\t_\t_\t_\t_\t_\n\n",
        dev: b"",
        expected: "train:2",
    },
];

#[test]
fn every_mistake_has_its_line_and_its_remedy() {
    let workplace = Workplace::new();
    let mut cases = Vec::new();
    for case in CASES {
        workplace.write("run.toml", run_file(case.dataset, case.task));
        workplace.write("train", case.train);
        workplace.write("dev", case.dev);
        let message = workplace.mtnet(&["check", "run.toml"]).refused(3);
        assert!(
            message.contains(case.expected),
            "{}: {}\n{message}",
            case.name,
            case.expected
        );
        cases.push((case.name.to_owned(), 3, message));
    }
    insta::assert_snapshot!(snapshot(cases));
}

#[test]
fn an_encoder_or_word_vectors_that_cannot_be_read_are_named() {
    let workplace = Workplace::new();
    workplace.write("vectors.txt", "play 0.1 0.2\nbook 0.1\n");
    workplace.write("broken/config.json", "{\"model_type\": \"bert\"");
    let mut cases = Vec::new();
    for (to, code, expected) in [
        ("from = \"no/such-encoder\"", 3, "no/such-encoder"),
        ("from = \"broken\"", 3, "config.json"),
        (
            "preset = \"mt-net-window\"\nword_vectors = \"vectors.txt\"",
            3,
            "vectors.txt",
        ),
        (
            "preset = \"mt-net-window\"\nword_vectors = \"gone.txt\"",
            2,
            "run.toml:6:16: `encoder.word_vectors`",
        ),
    ] {
        workplace.change_run("preset = \"mt-net-window\"", to);
        let message = workplace.mtnet(&["check", "run.toml"]).refused(code);
        assert!(message.contains(expected), "{expected}\n{message}");
        cases.push((to.to_owned(), code, message));
    }
    // The hub's cache lies where the machine has it.
    assert_eq!(cases.len(), 4);
}

#[test]
fn what_is_only_unusual_is_read() {
    let workplace = Workplace::new();
    workplace.write("run.toml", run_file(CSV, LABEL));
    workplace.write("train", "\u{feff}text,label\r\n\"a, b\",x\r\n标签 👍🏽,y\r\n");
    workplace.write("dev", GOOD_CSV);
    let text = workplace.mtnet(&["check", "run.toml"]).ok();
    assert!(
        text.contains("| t    | d        | train |        2 |"),
        "{text}"
    );
}
