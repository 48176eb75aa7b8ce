//! Where the program writes: results to standard output, everything else to standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use super::args::LogFormat;

/// How to write, found out once.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    format: LogFormat,
    quiet: bool,
    terminal: Terminal,
}

/// What standard error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terminal {
    /// Whether a line can be drawn over.
    bars: bool,
    /// Whether colours are wanted.
    colors: bool,
}

impl Output {
    /// As the command line and the environment say.
    pub fn new(format: LogFormat, quiet: bool) -> Self {
        let terminal = Terminal::new(io::stderr().is_terminal(), |name| std::env::var(name).ok());
        Self {
            format,
            quiet,
            terminal,
        }
    }

    /// Whether results and progress are for a program.
    pub fn is_json(&self) -> bool {
        self.format == LogFormat::Json
    }

    /// Whether progress is left out.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether progress can be bars.
    pub fn has_bars(&self) -> bool {
        self.terminal.bars && !self.quiet && !self.is_json()
    }

    /// Whether standard error shows colours.
    pub fn has_colors(&self) -> bool {
        self.terminal.colors && !self.is_json()
    }

    /// Writes a line of a result.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn line(&self, text: impl Display) -> io::Result<()> {
        writeln!(io::stdout().lock(), "{text}")
    }

    /// Writes a result as one line of JSON.
    ///
    /// # Errors
    /// If standard output is closed.
    pub fn json(&self, value: &impl Serialize) -> io::Result<()> {
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, value)?;
        out.write_all(b"\n")
    }

    /// Writes a line about an error.
    pub fn error(&self, text: impl Display) {
        // There is nowhere left to complain to.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

impl Terminal {
    fn new(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        // Continuous integration keeps what is written: a bar would be a thousand lines.
        let ci = variable("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        let dumb = variable("TERM").is_some_and(|value| value == "dumb");
        let bars = is_terminal && !ci && !dumb;
        Self {
            bars,
            colors: bars && !set("NO_COLOR"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_colours_follow_the_environment() {
        let terminal = |is_terminal, set: &[(&str, &str)]| {
            let found = Terminal::new(is_terminal, |name| {
                set.iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            });
            (found.bars, found.colors)
        };
        assert_eq!(terminal(true, &[]), (true, true));
        assert_eq!(terminal(false, &[]), (false, false));
        assert_eq!(terminal(true, &[("NO_COLOR", "1")]), (true, false));
        assert_eq!(terminal(true, &[("NO_COLOR", "")]), (true, true));
        assert_eq!(terminal(true, &[("CI", "true")]), (false, false));
        assert_eq!(terminal(true, &[("CI", "false")]), (true, true));
        assert_eq!(terminal(true, &[("TERM", "dumb")]), (false, false));
    }
}
