//! The terminal view under tmux: drawn, asked by keys, and gone without a trace.
//!
//! Where tmux is not installed, or cannot start, the tests say so and pass.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::workplace::Workplace;

/// A terminal of 110 by 30 with a shell in it, on a server of its own.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn open(folder: &Path) -> Option<Self> {
        let socket = folder.join("tmux.socket").display().to_string();
        let terminal = Self { socket };
        let folder = folder.display().to_string();
        let opened = terminal.try_tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "110",
            "-y",
            "30",
            "-c",
            &folder,
            "env PS1='READY> ' sh",
        ]);
        if !opened.is_some_and(|opened| opened.status.success()) {
            #[expect(clippy::print_stderr, reason = "a test that does nothing says so")]
            {
                eprintln!("skipped: tmux is not installed or cannot start");
            }
            return None;
        }
        terminal.shows("READY>");
        Some(terminal)
    }

    fn try_tmux(&self, args: &[&str]) -> Option<Output> {
        Command::new("tmux")
            .arg("-S")
            .arg(&self.socket)
            .args(args)
            .output()
            .ok()
    }

    fn tmux(&self, args: &[&str]) -> String {
        let output = self.try_tmux(args).expect("tmux");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Types a line.
    fn types(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.press("Enter");
    }

    fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits until the screen holds a text. The bound is for a test that fails.
    #[track_caller]
    fn shows(&self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(180),
                "`{text}` never came:\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// That the shell has its terminal back: no alternate screen, and lines as they are typed.
    #[track_caller]
    fn is_restored(&self) {
        let begun = Instant::now();
        while self
            .tmux(&["display-message", "-p", "#{alternate_on}"])
            .trim()
            != "0"
        {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the screen is still taken"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        self.types(
            "stty -a | tr ' ' '\\n' | grep -x -e icanon -e echo | sort | tr '\\n' '+'; echo back",
        );
        self.shows("echo+icanon+back");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The server is this test's own: it ends with its socket.
        self.try_tmux(&["kill-server"]);
    }
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_mtnet")
}

#[test]
fn a_finished_run_is_shown_until_q() {
    let workplace = Workplace::new();
    workplace
        .mtnet(&["train", "run.toml", "--output", "runs/tiny"])
        .ok();
    let folder = workplace.path("");
    let Some(terminal) = Terminal::open(&folder) else {
        return;
    };
    terminal.types(&format!("{} report runs/tiny --tui", program()));
    let screen = terminal.shows("● finished");
    for part in [
        "tiny",
        "4/4 steps",
        "● intent",
        "● slots",
        "gradient cosines",
        "alarms (0)",
        "q quit",
    ] {
        assert!(screen.contains(part), "`{part}` is missing:\n{screen}");
    }
    terminal.press("Right");
    terminal.press("z");
    terminal.shows("last quarter");
    terminal.press("q");
    terminal.is_restored();
    assert!(!terminal.screen().contains("panicked"));
}

#[test]
fn a_failed_and_an_unfinished_run_are_shown() {
    let workplace = Workplace::new();
    let start = r#"{"event":"run_start","run":"odd","seed":1,"tasks":["a"],"trained_parameters":5,"total_steps":10}"#;
    let step = r#"{"event":"step","step":3,"epoch":0.3,"loss":1.0,"task_losses":{"a":1.0}}"#;
    workplace.write(
        "runs/unfinished/metrics.jsonl",
        format!("{start}\n{step}\ngarbage\n"),
    );
    let end = r#"{"event":"run_end","step":3,"reason":"failed","seconds":1.0}"#;
    workplace.write(
        "runs/failed/metrics.jsonl",
        format!("{start}\n{step}\n{end}\n"),
    );
    let Some(terminal) = Terminal::open(&workplace.path("")) else {
        return;
    };
    for (name, parts) in [
        (
            "unfinished",
            ["● unfinished", "3/10 steps", "metrics.jsonl:3 left out"],
        ),
        ("failed", ["● failed", "3/10 steps", "● a"]),
    ] {
        terminal.types(&format!("{} report runs/{name} --tui", program()));
        for part in parts {
            terminal.shows(part);
        }
        terminal.press("q");
        terminal.is_restored();
    }
}

#[test]
fn training_goes_on_under_the_view_and_without_it() {
    let workplace = Workplace::new();
    let Some(terminal) = Terminal::open(&workplace.path("")) else {
        return;
    };
    let train = "train run.toml train.max_steps=3000 train.logging_steps=5 train.eval_strategy=no";
    terminal.types(&format!(
        "{} {train} --output runs/live --tui; echo code=$?",
        program()
    ));
    terminal.shows("● running");
    terminal.shows("ETA");
    terminal.press("q");
    // The view is gone, the run is not: it ends with its table and its page.
    terminal.shows("code=0");
    assert!(workplace.path("runs/live/results.json").exists());
    assert!(workplace.path("runs/live/report.html").exists());
    terminal.is_restored();
}
