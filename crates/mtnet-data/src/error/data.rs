//! What can be wrong with data: each message says where, what was found, what was expected
//! and what to do about it.

use std::io;
use std::path::PathBuf;

use mtnet_core::{CoreError, TaskName};

use super::{FormatError, Place, WrongAnswer, hints};

/// Why a data set could not be read, encoded, sampled or loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A setting of a data set that no file could satisfy.
    #[error("data set `{dataset}`, key `{key}`: {problem}")]
    Config {
        /// The data set.
        dataset: String,
        /// The key of its table.
        key: &'static str,
        /// What is wrong and what to write instead.
        problem: String,
    },
    /// A setting of the sampler that no draw could satisfy.
    #[error("sampler, key `{key}`: {problem}")]
    Sampler {
        /// The key of its table.
        key: &'static str,
        /// What is wrong and what to write instead.
        problem: String,
    },
    /// A file that is not there, or may not be read.
    #[error("cannot read data file `{}`: {source}; a relative path counts from the folder of the run file", .file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file without a single example.
    #[error("data file `{}` holds no example, expected {expected}", .file.display())]
    EmptyFile {
        /// The file.
        file: PathBuf,
        /// What an example looks like in this format.
        expected: &'static str,
    },
    /// A file in two-byte characters.
    #[error("data file `{}` is UTF-16, expected UTF-8; convert it with `iconv -f UTF-16 -t UTF-8`", .file.display())]
    Utf16 {
        /// The file.
        file: PathBuf,
    },
    /// A file too large to be read into memory.
    #[error("data file `{}` has {bytes} bytes, expected at most {limit}; split it into several and name them as a list", .file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// Its size.
        bytes: u64,
        /// The largest that is read.
        limit: u64,
    },
    /// A Parquet file whose footer cannot be used, or a group of its rows.
    #[error("data file `{}`{}: {problem}; write the file again, or check that it came whole", .file.display(), hints::row_group(*.group))]
    Parquet {
        /// The file.
        file: PathBuf,
        /// Number of the row group, from 0; `None` where the footer is meant.
        group: Option<usize>,
        /// What is wrong with it.
        problem: String,
    },
    /// More bad rows than `on_bad_row` allows.
    #[error("more than {} in one split, which is the limit of `on_bad_row`; the next is {next}", hints::counted(*.limit, "bad row"))]
    TooManyBadRows {
        /// How many may be left out.
        limit: usize,
        /// The one too many.
        #[source]
        next: Box<DataError>,
    },
    /// A line that breaks the format of its file.
    #[error("{place}: {source}")]
    Format {
        /// The line.
        place: Place,
        /// How it does.
        source: FormatError,
    },
    /// A column, key or comment that no example has.
    #[error("data file `{}` has no field `{field}`{}", .file.display(), hints::fields(.field, .known))]
    MissingField {
        /// The first file of the split.
        file: PathBuf,
        /// The field that was asked for.
        field: String,
        /// All there are.
        known: Vec<String>,
    },
    /// An example without its text, its words or its key.
    #[error("{place}: no `{field}`, which every example needs; add it or remove the example")]
    MissingText {
        /// The line.
        place: Place,
        /// The field of the text, of its words, or the key of a join.
        field: String,
    },
    /// A field of the wrong kind.
    #[error("{place}: field `{field}` is {found}, expected {expected}")]
    FieldKind {
        /// The line.
        place: Place,
        /// The field.
        field: String,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A regression target that is no finite number.
    #[error(
        "{place}: field `{field}` is `{found}`, expected a finite number such as 3.5; leave it empty (null in JSON) where there is none"
    )]
    Number {
        /// The line.
        place: Place,
        /// The field.
        field: String,
        /// What it holds.
        found: String,
    },
    /// Words and tags that do not go together.
    #[error(
        "{place}: {} but {} in `{field}`, expected one tag a word; repair the example or remove it",
        hints::counted(*.words, "word"),
        hints::counted(*.tags, "tag")
    )]
    TagCount {
        /// The line.
        place: Place,
        /// The field of the tags.
        field: String,
        /// Words of the example.
        words: usize,
        /// Tags of the example.
        tags: usize,
    },
    /// Tags for a text whose words are not known.
    #[error(
        "{place}: task `{task}` tags words, but only the running text is known; name the field of the words by `tokens`"
    )]
    NoWords {
        /// The line.
        place: Place,
        /// The tagging task.
        task: TaskName,
    },
    /// Answers without a text that they could be in.
    #[error(
        "{place}: task `{task}` looks for answers in the second text of a pair; name the field of the question by `text` and that of the text which answers it by `text_b`"
    )]
    NoContext {
        /// The line.
        place: Place,
        /// The task.
        task: TaskName,
    },
    /// Answers and beginnings that do not go together.
    #[error(
        "{place}: {} but {} in `{field}`, expected one an answer",
        hints::counted(*.answers, "answer"),
        hints::counted(*.starts, "number")
    )]
    AnswerCount {
        /// The line.
        place: Place,
        /// Answers of the question.
        answers: usize,
        /// Numbers of first characters.
        starts: usize,
        /// The field of the numbers.
        field: String,
    },
    /// An answer that does not stand where its number says.
    #[error("{place}: {answer}")]
    Answer {
        /// The line, or the question.
        place: Place,
        /// The answer, and what is there instead.
        answer: Box<WrongAnswer>,
    },
    /// Two examples of a joined file with one key.
    #[error(
        "{place}: `{on}` is `{key}`, as on line {first} already; keys of a joined file must differ"
    )]
    DuplicateKey {
        /// The second line.
        place: Place,
        /// The key field.
        on: String,
        /// Its value.
        key: String,
        /// The first line.
        first: usize,
    },
    /// A label that training never saw.
    #[error("{place}: task `{task}`: label `{label}` is none of its {}{}; correct it, list it under `labels`, or set `unknown_label`", hints::counted(.known.len(), "label"), hints::labels(.label, .known))]
    UnknownLabel {
        /// The line.
        place: Place,
        /// The task.
        task: TaskName,
        /// The label.
        label: String,
        /// All labels of the task.
        known: Vec<String>,
    },
    /// A tag that its notation does not allow.
    #[error(
        "{place}: task `{task}`: word {word} has the tag `{tag}`, which {scheme} does not allow (it has {prefixes}); correct the tag or set `scheme`"
    )]
    TagNotation {
        /// The line of the sentence.
        place: Place,
        /// The task.
        task: TaskName,
        /// Number of the word, from 1.
        word: usize,
        /// Its tag.
        tag: Box<str>,
        /// The notation.
        scheme: &'static str,
        /// What tags look like in it.
        prefixes: &'static str,
    },
    /// A task that nothing can be learned for.
    #[error(
        "task `{task}` has no label in its training data; check the name of its field, or remove the task"
    )]
    NoLabels {
        /// The task.
        task: TaskName,
    },
    /// A label list that makes no columns.
    #[error("task `{task}`: {source}")]
    LabelSet {
        /// The task.
        task: TaskName,
        /// What is wrong with the list.
        source: CoreError,
    },
    /// A label to map to that does not exist.
    #[error("task `{task}`: `unknown_label` maps to `{label}`, which is no label of the task{}", hints::labels(.label, .known))]
    MapTo {
        /// The task.
        task: TaskName,
        /// The label.
        label: String,
        /// All labels of the task.
        known: Vec<String>,
    },
    /// A target of another kind or width than the task's others.
    #[error("{place}: task `{task}`: found {found}, expected {expected}")]
    TargetShape {
        /// The line.
        place: Place,
        /// The task.
        task: TaskName,
        /// The target.
        found: String,
        /// The targets of the task.
        expected: String,
    },
    /// Encoded texts and targets that were not made from the same examples.
    #[error("example {example}: {problem}")]
    Corpus {
        /// Index of the example, from 0.
        example: usize,
        /// What does not fit.
        problem: String,
    },
    /// A saved position that this run cannot have been at.
    #[error(
        "cannot go on at epoch {epoch}, batch {batch} (both from 0): the run has {epochs} epochs, this one of {batches} batches; data, sampler or batch size must have changed since the position was saved"
    )]
    Position {
        /// The epoch, from 0.
        epoch: usize,
        /// The batch in it, from 0.
        batch: usize,
        /// Batches of that epoch.
        batches: usize,
        /// Epochs of the run.
        epochs: usize,
    },
    /// The system gives no thread.
    #[error("cannot start the loader's thread: {0}")]
    Thread(#[source] io::Error),
}

impl FormatError {
    pub(crate) fn at(self, place: Place) -> DataError {
        DataError::Format {
            place,
            source: self,
        }
    }
}
