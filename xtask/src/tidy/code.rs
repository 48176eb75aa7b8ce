//! Rust source with comments and literals blanked, so that a rule sees code alone.
//!
//! A small scanner, not a parser: it knows line comments, nested block comments, strings (raw
//! and byte ones too), characters and lifetimes. Line breaks stay where they are.

/// `source` with the inside of every comment, string and character replaced by spaces.
pub fn code_only(source: &str) -> String {
    Scanner {
        chars: source.chars().collect(),
        at: 0,
        out: String::with_capacity(source.len()),
    }
    .run()
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    out: String,
}

impl Scanner {
    fn run(mut self) -> String {
        while let Some(char) = self.peek(0) {
            match (char, self.peek(1)) {
                ('/', Some('/')) => self.blank_until(|scanner| scanner.peek(0) == Some('\n')),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('\'', _) => self.quote(),
                _ if is_word(char) => self.word(),
                _ => self.keep(),
            }
        }
        self.out
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        self.out.extend(self.peek(0));
        self.at += 1;
    }

    fn blank(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(char) = self.peek(0) {
                self.out.push(if char == '\n' { '\n' } else { ' ' });
                self.at += 1;
            }
        }
    }

    fn blank_until(&mut self, done: impl Fn(&Self) -> bool) {
        while self.peek(0).is_some() && !done(self) {
            self.blank(1);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.blank(2);
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.blank(2);
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.blank(1),
            }
        }
    }

    /// A string, the scanner standing on its opening quote.
    fn string(&mut self) {
        self.keep();
        while let Some(char) = self.peek(0) {
            match char {
                '\\' => self.blank(2),
                '"' => return self.keep(),
                _ => self.blank(1),
            }
        }
    }

    /// A character or a lifetime, the scanner standing on the quote.
    fn quote(&mut self) {
        let escaped = self.peek(1) == Some('\\');
        let character = escaped || self.peek(2) == Some('\'');
        self.keep();
        if character {
            self.blank(if escaped { 2 } else { 1 });
            self.blank_until(|scanner| scanner.peek(0) == Some('\''));
            self.keep();
        }
    }

    /// An identifier, a keyword or a number; after `r`, `br` or `cr`, perhaps a raw string.
    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.keep();
        }
        let word: String = self.chars[start..self.at].iter().collect();
        if !matches!(&*word, "r" | "br" | "cr") {
            return;
        }
        let hashes = self.chars[self.at..]
            .iter()
            .take_while(|char| **char == '#')
            .count();
        if self.peek(hashes) == Some('"') {
            self.blank(hashes + 1);
            self.blank_until(|scanner| {
                scanner.peek(0) == Some('"')
                    && (1..=hashes).all(|ahead| scanner.peek(ahead) == Some('#'))
            });
            self.blank(hashes + 1);
        }
    }
}

/// Whether `line` holds `word` with no letter, digit or `_` at either end.
pub fn has_word(line: &str, word: &str) -> bool {
    after_word(line, word).next().is_some()
}

/// What follows each whole `word` on the line.
pub fn after_word<'a>(line: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(word).filter_map(|(start, found)| {
        let (before, after) = (&line[..start], &line[start + found.len()..]);
        (!before.ends_with(is_word) && !after.starts_with(is_word)).then_some(after)
    })
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        assert_eq!(code_only(source), expected);
    }

    #[test]
    fn comments_are_blanked() {
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d\n */ e", "a               \n    e");
        check("a / b", "a / b");
    }

    #[test]
    fn strings_are_blanked() {
        check(r#"f("a // b", x)"#, r#"f("      ", x)"#);
        check(r#"f("a\"b", x)"#, r#"f("    ", x)"#);
        check("f(r#\"a \" b\"#, x)", "f(r         , x)");
        check("f(br\"a\\\", x)", "f(br    , x)");
        check("r#type", "r#type");
    }

    #[test]
    fn characters_are_blanked_and_lifetimes_kept() {
        check(
            r#"['"', '\'', '\u{41}', 'a']"#,
            r#"[' ', '  ', '      ', ' ']"#,
        );
        check(
            "fn f<'a>(x: &'a str) -> &'static str",
            "fn f<'a>(x: &'a str) -> &'static str",
        );
    }

    #[test]
    fn an_unfinished_source_ends() {
        for source in ["/* a", "\"a", "r#\"a\"", "'", "'\\", "\"\\", "/"] {
            assert_eq!(
                code_only(source).chars().count(),
                source.chars().count(),
                "{source}"
            );
        }
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("unsafe { x }", "unsafe"));
        assert!(has_word("#[unsafe(no_mangle)]", "unsafe"));
        assert!(!has_word("#![deny(unsafe_code)]", "unsafe"));
        assert!(!has_word("not_unsafe()", "unsafe"));
    }
}
