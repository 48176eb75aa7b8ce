//! The inputs of a file or of standard input, line by line.

use std::fmt::Display;
use std::io::BufRead;

use super::Input;
use crate::cli::exit::Stop;

/// Reads inputs without holding more than a line of them.
#[derive(Debug)]
pub struct InputLines<R> {
    name: String,
    reader: R,
    number: usize,
    /// Whether lines are JSON; `None` until the first line with something on it.
    is_json: Option<bool>,
    failed: bool,
}

impl<R: BufRead> InputLines<R> {
    /// Lines of JSON, or lines that are texts.
    pub fn new(name: impl Display, reader: R, is_json: bool) -> Self {
        Self {
            name: name.to_string(),
            reader,
            number: 0,
            is_json: Some(is_json),
            failed: false,
        }
    }

    /// Lines of JSON if the first begins like a JSON object or string, else texts.
    pub fn guessing(name: impl Display, reader: R) -> Self {
        Self {
            is_json: None,
            ..Self::new(name, reader, false)
        }
    }

    /// The next line without its end and without a byte order mark; `None` at the end.
    fn line(&mut self) -> anyhow::Result<Option<String>> {
        let mut bytes = Vec::new();
        let length = self.reader.read_until(b'\n', &mut bytes);
        self.number += 1;
        if length.map_err(|error| self.refuse(error))? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            self.refuse(format!(
                "byte {} is not UTF-8",
                error.utf8_error().valid_up_to() + 1
            ))
        })?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let text = if self.number == 1 {
            text.strip_prefix('\u{feff}').unwrap_or(text)
        } else {
            text
        };
        Ok(Some(text.to_owned()))
    }

    fn read(&mut self) -> anyhow::Result<Option<Input>> {
        while let Some(line) = self.line()? {
            let is_blank = line.trim().is_empty();
            if self.is_json.is_none() && !is_blank {
                self.is_json = Some(line.trim_start().starts_with(['{', '"']));
            }
            match self.is_json {
                Some(true) if is_blank => continue,
                Some(true) => {
                    return Input::from_json(&line)
                        .map(Some)
                        .map_err(|problem| self.refuse(problem));
                }
                // Every line of text has its answer, a blank one as well.
                Some(false) | None => return Ok(Some(Input::from_text(&line))),
            }
        }
        Ok(None)
    }

    fn refuse(&self, problem: impl Display) -> anyhow::Error {
        Stop::data(format!("{}:{}: {problem}", self.name, self.number))
    }
}

impl<R: BufRead> Iterator for InputLines<R> {
    type Item = anyhow::Result<Input>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let input = self.read().transpose();
        self.failed = !matches!(input, Some(Ok(_)));
        input
    }
}

#[cfg(test)]
mod tests {
    use mtnet::model::PredictInput;

    use super::*;

    fn read(lines: InputLines<&[u8]>) -> Result<Vec<PredictInput>, String> {
        lines
            .map(|input| {
                input
                    .map(|input| input.input)
                    .map_err(|error| error.to_string())
            })
            .collect()
    }

    #[test]
    fn lines_of_text_and_of_json_are_told_apart() {
        let texts = ["a b", "", "{c"].map(PredictInput::text);
        let text = "\u{feff}a b\r\n\n{c".as_bytes();
        assert_eq!(read(InputLines::new("x.txt", text, false)).unwrap(), texts);
        assert_eq!(read(InputLines::guessing("<stdin>", text)).unwrap(), texts);

        let json = "\n{\"text\": \"a\"}\n\n\"b\"\n".as_bytes();
        let texts = ["a", "b"].map(PredictInput::text);
        assert_eq!(read(InputLines::new("x.jsonl", json, true)).unwrap(), texts);
        assert_eq!(
            read(InputLines::guessing("<stdin>", &json[1..])).unwrap(),
            texts
        );
    }

    #[test]
    fn a_bad_line_is_named_and_ends_the_reading() {
        let text = "{\"text\": \"a\"}\n{\"txt\": \"b\"}\n{\"text\": \"c\"}\n".as_bytes();
        let mut lines = InputLines::new("x.jsonl", text, true);
        assert!(lines.next().unwrap().is_ok());
        let message = lines.next().unwrap().unwrap_err().to_string();
        assert_eq!(message, "x.jsonl:2: no `text` and no `tokens`; found `txt`");
        assert!(lines.next().is_none());
        let message = read(InputLines::new("x.txt", &b"a\n\xff\n"[..], false)).unwrap_err();
        assert_eq!(message, "x.txt:2: byte 1 is not UTF-8");
    }
}
