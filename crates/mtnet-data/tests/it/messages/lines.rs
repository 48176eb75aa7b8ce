//! Files and lines that break their format.

use mtnet_core::Split;
use mtnet_data::TargetKind::{Numbers, Tags};

use super::{CONLL, CONLLU, CSV, JSONL, TSV, Y, check, check_bytes};
use crate::support::Folder;

#[test]
fn files_that_are_no_text() {
    let folder = Folder::new(&[]);
    let error = folder
        .read("format = 'csv'\ntrain = 'no.csv'", Split::Train, &[])
        .unwrap_err();
    assert_eq!(
        folder.message(&error),
        "cannot read data file `no.csv`: No such file or directory (os error 2); a relative path counts from the folder of the run file"
    );
    check(
        JSONL,
        "",
        Y,
        "data file `a.txt` holds no example, expected one JSON object a line",
    );
    check(
        CSV,
        "text,y\n\n",
        Y,
        "data file `a.txt` holds no example, expected one row an example (below the header, unless `header = false`)",
    );
    check(
        CONLL,
        "\n\n",
        Y,
        "data file `a.txt` holds no example, expected one word a line and a blank line between sentences",
    );
    check_bytes(
        TSV,
        b"text\ty\ncaf\xE9\tx\n",
        &[],
        "a.txt:2: byte 4 of the line is 0xe9, which is not UTF-8; convert the file, for example with `iconv -f GB18030 -t UTF-8`, or repair the line",
    );
    check_bytes(
        TSV,
        b"\xFF\xFEt\0e\0",
        &[],
        "data file `a.txt` is UTF-16, expected UTF-8; convert it with `iconv -f UTF-16 -t UTF-8`",
    );
}

#[test]
fn lines_that_are_no_json() {
    check(
        JSONL,
        "{\"text\": \"a\" \"y\": 1}\n",
        Y,
        "a.txt:1: not JSON at column 14: expected `,` or `}`",
    );
    check(
        JSONL,
        "{\"text\": \"a\", \"y\": 1}\n{\"text\": \"b\",\n",
        Y,
        "a.txt:2: not JSON at column 13: the line ends before its object does; an object must stand on one line",
    );
    check(
        JSONL,
        "{\"text\": \"a\", \"y\": NaN}\n",
        ("y", Numbers),
        "a.txt:1: not JSON at column 20: JSON has no NaN and no infinity; write null for a missing target",
    );
    check(
        JSONL,
        "[{\"text\": \"a\"}]\n",
        Y,
        "a.txt:1: found a list, expected one JSON object a line, such as {\"text\": \"…\", \"label\": \"…\"}; write a file that is one long list as one object a line",
    );
}

#[test]
fn rows_that_are_no_table() {
    check(
        CSV,
        "text,y\na,b,x\n",
        Y,
        "a.txt:2: found 3 columns, expected 2 (as in the header); quote a field that holds the delimiter or a line break, or set `delimiter`",
    );
    check(
        TSV,
        "text\ty\na\tx\nb\n",
        Y,
        "a.txt:3: found 1 column, expected 2 (as in the header); a field may hold neither the delimiter nor a line break; set `quote = true` if fields are quoted",
    );
    check(
        CSV,
        "text,y\na,x\n\"b,x\nc,x\n",
        Y,
        "a.txt:3: the quoted field that opens at column 1 is never closed; close it, write a quote inside a field twice (\"\"), or set `quote = false`",
    );
    check(
        CSV,
        "text,y\n\"a \"b\" c\",x\n",
        Y,
        "a.txt:2: found `b` behind the closing quote of the field that opens on line 2, expected the delimiter or the end of the line; write a quote inside a field twice (\"\"), or set `quote = false`",
    );
    check(
        CSV,
        "text,y,y\na,x,x\n",
        Y,
        "a.txt:1: column `y` is there twice, and either could be meant; rename one in the header, or set `header = false` and name the columns by `columns`",
    );
    check(
        "format = 'tsv'\nheader = false\ntext = 0\ncolumns = ['0', 'y', 'z']",
        "a\tx\n",
        Y,
        "a.txt:1: found 2 columns, expected 3 (the length of `columns`); a field may hold neither the delimiter nor a line break; set `quote = true` if fields are quoted",
    );
}

#[test]
fn sentences_out_of_format() {
    check(
        CONLL,
        "a O\nb\n",
        ("tag", Tags),
        "a.txt:2: found 1 column, expected 2 (token, tag); give the word all columns, put a blank line between sentences, or set `separator` or `columns`",
    );
    check(
        CONLLU,
        "# text = a\n1 a a X _ _ _ _ _ _\n",
        ("upos", Tags),
        "a.txt:2: found 1 column, expected 10 (id, form, lemma, upos, xpos, feats, head, deprel, deps, misc); CoNLL-U is separated by single tabs; for other columns set `format = \"conll\"`",
    );
    let word = |number: &str, form: &str| format!("{number}\t{form}\t_\tX\t_\t_\t_\t_\t_\t_\n");
    check(
        CONLLU,
        &(word("1", "a") + &word("3", "b")),
        ("upos", Tags),
        "a.txt:2: found word number `3`, expected 2, or a range such as 2-3 outside another one; words count from 1 in each sentence, with a blank line between sentences",
    );
    check(
        CONLLU,
        &(word("1-3", "abc") + &word("1", "a")),
        ("upos", Tags),
        "a.txt:2: found word number `end of the sentence`, expected word 2, which `1-3` announces",
    );
    check(
        CONLLU,
        &word("1", ""),
        ("upos", Tags),
        "a.txt:1: word 1 is empty; remove it together with its tag",
    );
}
