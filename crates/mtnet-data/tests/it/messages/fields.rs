//! Fields that are missing, of the wrong kind, or at odds with each other.

use mtnet_core::Split;
use mtnet_data::TargetKind::{Label, Labels, Numbers, Tags};

use super::{CONLL, CONLLU, CSV, JSONL, TSV, Y, check, check_bytes};
use crate::support::{Folder, ask, ask_all};

#[test]
fn fields_that_are_not_there() {
    check(
        CSV,
        "text,label\na,x\n",
        ("lable", Label),
        "data file `a.txt` has no field `lable`; did you mean `label`?",
    );
    check(
        CSV,
        "sentence,y\na,x\n",
        Y,
        "data file `a.txt` has no field `text`; it has `sentence`, `y`",
    );
    check(
        CSV,
        "text;y\na;x\n",
        Y,
        "data file `a.txt` has no field `text`; its only column is `text;y`, so `delimiter` is probably wrong",
    );
    check(
        "format = 'tsv'\nheader = false\ntext = 0",
        "a\tx\n",
        ("2", Label),
        "data file `a.txt` has no field `2`; it has `0`, `1`",
    );
    check(
        JSONL,
        "{\"text\": \"a\"}\n",
        Y,
        "data file `a.txt` has no field `y`; it has `text`",
    );
    check(
        CONLLU,
        "1\ta\ta\tX\t_\t_\t_\t_\t_\t_\n",
        ("pos", Tags),
        "data file `a.txt` has no field `pos`; did you mean `upos`?",
    );
    check(
        JSONL,
        "{\"text\": \"a\", \"y\": \"x\"}\n{\"y\": \"x\"}\n",
        Y,
        "a.txt:2: no `text`, which every example needs; add it or remove the example",
    );
    check(
        "format = 'jsonl'\ntokens = 'words'",
        "{\"words\": [\"a\"], \"y\": \"x\"}\n{\"words\": null}\n",
        Y,
        "a.txt:2: no `words`, which every example needs; add it or remove the example",
    );
}

#[test]
fn fields_of_the_wrong_kind() {
    check(
        JSONL,
        "{\"text\": [\"a\"], \"y\": 1}\n",
        Y,
        "a.txt:1: field `text` is a list, expected a text; name a list of words by `tokens`",
    );
    check(
        JSONL,
        "{\"text\": \"a\", \"y\": [\"x\"]}\n",
        Y,
        "a.txt:1: field `y` is a list, expected one label for the text",
    );
    check(
        JSONL,
        "{\"text\": \"a\", \"y\": {\"x\": 1}}\n",
        ("y", Labels),
        "a.txt:1: field `y` is an object or a list of lists, expected a list of labels, or a text that `label_separator` splits",
    );
    check(
        JSONL,
        "{\"text\": \"a\", \"y\": [\"x\", null]}\n",
        ("y", Labels),
        "a.txt:1: field `y` is a list with null in it, expected a list of labels, or a text that `label_separator` splits",
    );
    check(
        "format = 'jsonl'\ntokens = 'text'",
        "{\"text\": 3, \"y\": \"x\"}\n",
        Y,
        "a.txt:1: field `text` is a number or truth value, expected a list of words, or words separated by blanks",
    );
    check(
        "format = 'jsonl'\ntokens = 'text'",
        "{\"text\": \"a\", \"y\": 3}\n",
        ("y", Tags),
        "a.txt:1: field `y` is a number or truth value, expected a list of tags, or tags separated by blanks",
    );
    check(
        CONLL,
        "a x N\nb y V\n",
        ("1", Label),
        "a.txt:1: field `1` is a column with several values, expected one label for the text",
    );
    check_bytes(
        CSV,
        b"text,a,b\nx,1,2\n",
        &[ask_all(&["a", "b"], Labels)],
        "a.txt:2: field `b` is `2`, expected 1 or 0 (true or false), as several fields are one label each",
    );
}

#[test]
fn numbers_that_are_none() {
    const WANTED: &str =
        "expected a finite number such as 3.5; leave it empty (null in JSON) where there is none";
    for (found, shown) in [
        ("nan", "nan"),
        ("inf", "inf"),
        ("3,5", "3,5"),
        ("1e39", "1e39"),
        ("high", "high"),
    ] {
        check(
            TSV,
            &format!("text\ty\na\t1\nb\t{found}\n"),
            ("y", Numbers),
            &format!("a.txt:3: field `y` is `{shown}`, {WANTED}"),
        );
    }
}

#[test]
fn words_that_do_not_go_with_their_tags() {
    check(
        "format = 'jsonl'\ntokens = 'tokens'",
        "{\"tokens\": [\"a\", \"b\"], \"y\": [\"O\"]}\n",
        ("y", Tags),
        "a.txt:1: 2 words but 1 tag in `y`, expected one tag a word; repair the example or remove it",
    );
    check(
        "format = 'jsonl'\ntokens = 'tokens'",
        "{\"tokens\": [\"a\", \" \"], \"y\": [\"O\", \"O\"]}\n",
        ("y", Tags),
        "a.txt:1: word 2 is empty; remove it together with its tag",
    );
    check(
        TSV,
        "text\ty\na b\tO O\n",
        ("y", Tags),
        "a.txt:2: task `y` tags words, but only the running text is known; name the field of the words by `tokens`",
    );
}

#[test]
fn joins_that_do_not_meet() {
    let check = |own: &str, joined: &str, expected: &str| {
        let folder = Folder::new(&[("a.txt", own), ("b.txt", joined)]);
        let table =
            "format = 'tsv'\ntrain = 'a.txt'\n[[join]]\nformat = 'tsv'\ntrain = 'b.txt'\non = 'id'";
        let error = folder
            .read(table, Split::Train, &[ask("y", Label)])
            .unwrap_err();
        assert_eq!(folder.message(&error), expected);
    };
    check(
        "id\ttext\n1\ta\n",
        "ids\ty\n1\tx\n",
        "data file `b.txt` has no field `id`; did you mean `ids`?",
    );
    check(
        "nr\ttext\n1\ta\n",
        "id\ty\n1\tx\n",
        "data file `a.txt` has no field `id`; it has `nr`, `text`",
    );
    check(
        "id\ttext\n1\ta\n",
        "id\ty\n1\tx\n2\tx\n1\tz\n",
        "b.txt:4: `id` is `1`, as on line 2 already; keys of a joined file must differ",
    );
    check(
        "id\ttext\n\ta\n",
        "id\ty\n1\tx\n",
        "a.txt:2: no `id`, which every example needs; add it or remove the example",
    );
    check(
        "id\ttext\n1\ta\n",
        "id\tz\n1\tx\n",
        "data file `a.txt` has no field `y`; it has `id`, `text`, `z`",
    );
}
