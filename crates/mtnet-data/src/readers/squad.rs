//! SQuAD: articles of paragraphs of questions in one JSON document, each question an example.
//!
//! The layout of Rajpurkar et al. 2016 (<https://arxiv.org/abs/1606.05250>), and with
//! `is_impossible` that of Rajpurkar et al. 2018 (<https://arxiv.org/abs/1806.03822>). A question
//! becomes the fields `question`, `context`, `answer`, `answer_start`, `id` and `title`; `answer`
//! and `answer_start` are lists, empty where the paragraph does not hold the answer, and null where
//! the file has no answers at all.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{FieldValue, Record, Rejected, Table, TextFile};
use crate::DataError;
use crate::error::FormatError;

const FIELDS: [&str; 6] = [
    "question",
    "context",
    "answer",
    "answer_start",
    "id",
    "title",
];

type Object = Map<String, Value>;

pub(super) fn read(file: &TextFile, rejected: &mut Rejected) -> Result<Table, DataError> {
    let articles = articles(file)?;
    let mut reader = Reader {
        file,
        table: Table {
            fields: FIELDS.map(str::to_owned).to_vec(),
            ..Table::default()
        },
        questions: 0,
    };
    for (number, article) in (1..).zip(&articles) {
        let mut at = format!("article {number}");
        let title = article.get("title").and_then(Value::as_str);
        if let Some(title) = title {
            at.push_str(&format!(" `{title}`"));
        }
        match list(article, "paragraphs") {
            Ok(paragraphs) => {
                for (number, paragraph) in (1..).zip(paragraphs) {
                    let at = format!("{at}, paragraph {number}");
                    reader.paragraph(paragraph, title, &at, rejected)?;
                }
            }
            Err(problem) => reader.reject(&at, problem, rejected)?,
        }
    }
    Ok(reader.table)
}

/// The articles of a document.
fn articles(file: &TextFile) -> Result<Vec<Value>, DataError> {
    let document: Value = serde_json::from_str(file.text()).map_err(|error| {
        let message = error.to_string();
        let problem = message.split(" at line ").next().unwrap_or_default();
        let format = FormatError::Json {
            column: error.column(),
            problem: problem.to_owned(),
        };
        format.at(file.place(error.line()))
    })?;
    let found = match document {
        Value::Object(mut document) => match document.remove("data") {
            Some(Value::Array(articles)) => return Ok(articles),
            Some(other) => format!("`data` is {}", kind(&other)),
            None => "no `data`".to_owned(),
        },
        other => kind(&other).to_owned(),
    };
    let problem = format!(
        "found {found}, expected {{\"data\": [{{\"paragraphs\": [{{\"context\": …, \"qas\": […]}}]}}]}}; \
         for one object a line use the format jsonl"
    );
    Err(FormatError::Question { problem }.at(file.place(1)))
}

struct Reader<'a> {
    file: &'a TextFile,
    table: Table,
    /// Questions seen, also those left out.
    questions: usize,
}

impl Reader<'_> {
    fn paragraph(
        &mut self,
        paragraph: &Value,
        title: Option<&str>,
        at: &str,
        rejected: &mut Rejected,
    ) -> Result<(), DataError> {
        let parts = list(paragraph, "qas").and_then(|questions| {
            let context = paragraph.get("context").and_then(Value::as_str);
            let context = context.ok_or("no `context` that is a text")?;
            Ok((questions, context))
        });
        let (questions, context) = match parts {
            Ok(parts) => parts,
            Err(problem) => return self.reject(at, problem, rejected),
        };
        for (number, question) in (1..).zip(questions) {
            self.questions += 1;
            let id = question.get("id").and_then(Value::as_str);
            let at = match id {
                Some(id) => format!("{at}, question `{id}`"),
                None => format!("{at}, question {number}"),
            };
            match fields(question) {
                Ok((text, answer, answer_start)) => {
                    let given = |value: Option<&str>| {
                        value.map_or(FieldValue::Null, |text| FieldValue::Text(text.to_owned()))
                    };
                    let values = [
                        FieldValue::Text(text.to_owned()),
                        FieldValue::Text(context.to_owned()),
                        answer,
                        answer_start,
                        given(id),
                        given(title),
                    ];
                    self.table.records.push(Record {
                        line: self.questions,
                        last_line: self.questions,
                        fields: FIELDS
                            .iter()
                            .map(|&name| Arc::from(name))
                            .zip(values)
                            .collect(),
                        within: Some(Arc::new(at)),
                        ..Record::default()
                    });
                }
                Err(problem) => {
                    let place = self.file.place(self.questions).within(Some(&Arc::new(at)));
                    rejected.reject(FormatError::Question { problem }.at(place))?;
                }
            }
        }
        Ok(())
    }

    /// Leaves out an article or a paragraph, whose questions cannot be told.
    fn reject(
        &self,
        at: &str,
        problem: impl Into<String>,
        rejected: &mut Rejected,
    ) -> Result<(), DataError> {
        let place = self
            .file
            .place(self.questions + 1)
            .within(Some(&Arc::new(at.to_owned())));
        let problem = problem.into();
        rejected.reject(FormatError::Question { problem }.at(place))
    }
}

/// Text, answers and their beginnings.
fn fields(question: &Value) -> Result<(&str, FieldValue, FieldValue), String> {
    let question: &Object = question
        .as_object()
        .ok_or_else(|| format!("found {}, expected an object", kind(question)))?;
    let text = question.get("question").and_then(Value::as_str);
    let text = text.ok_or("no `question` that is a text")?;
    let impossible = match question.get("is_impossible") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(impossible)) => *impossible,
        Some(other) => {
            return Err(format!(
                "`is_impossible` is {}, expected true or false",
                kind(other)
            ));
        }
    };
    let answers = match question.get("answers") {
        None | Some(Value::Null) if impossible => &[],
        None | Some(Value::Null) => return Ok((text, FieldValue::Null, FieldValue::Null)),
        Some(Value::Array(answers)) => answers.as_slice(),
        Some(other) => return Err(format!("`answers` is {}, expected a list", kind(other))),
    };
    if impossible && !answers.is_empty() {
        return Err(
            "`is_impossible` is true, but there are `answers`; remove one of the two".to_owned(),
        );
    }
    let (mut texts, mut starts) = (Vec::new(), Vec::new());
    for (number, answer) in (1..).zip(answers) {
        let text = answer.get("text").and_then(Value::as_str);
        let start = answer.get("answer_start").and_then(Value::as_u64);
        let (Some(text), Some(start)) = (text, start) else {
            return Err(format!(
                "answer {number} has no `text` with an `answer_start`, the number of its first character counted from 0"
            ));
        };
        texts.push(Some(text.to_owned()));
        starts.push(Some(start.to_string()));
    }
    Ok((text, FieldValue::List(texts), FieldValue::List(starts)))
}

fn list<'a>(of: &'a Value, key: &str) -> Result<&'a [Value], String> {
    match of.get(key) {
        Some(Value::Array(items)) => Ok(items),
        Some(other) => Err(format!("`{key}` is {}, expected a list", kind(other))),
        None => Err(format!("no `{key}`, expected a list")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
