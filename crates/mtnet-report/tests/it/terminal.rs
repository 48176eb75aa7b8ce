//! The terminal view on a screen of fixed size.

use mtnet_report::tui::{App, Key, Pane, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;

use crate::folder::Folder;

fn app(folder: &Folder) -> App {
    let mut app = App::new(&folder.path());
    app.refresh().expect("a log that can be read");
    app
}

fn screen(app: &App, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, app)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn a_finished_run() {
    insta::assert_snapshot!(screen(&app(&Folder::finished()), 120, 32));
}

#[test]
fn an_unfinished_run_with_losses_in_view() {
    let mut app = app(&Folder::going_on(200));
    app.press(Key::Next);
    app.tell("an old checkpoint could not be removed".to_owned());
    insta::assert_snapshot!(screen(&app, 110, 28));
}

#[test]
fn a_run_that_diverged() {
    let folder = Folder::going_on(120);
    folder.append(
        &json!({"event": "step", "step": 140, "loss": null, "task_losses": {"intent": null}}),
    );
    folder.append(
        &json!({"event": "alarm", "step": 140, "kind": "non_finite_loss", "task": "intent",
        "message": "loss of intent is no number"}),
    );
    folder.append(&json!({"event": "run_end", "step": 140, "reason": "diverged", "seconds": 9.0}));
    let screen = screen(&app(&folder), 110, 28);
    assert!(screen.contains("● diverged"), "{screen}");
    assert!(
        screen.contains("step 140: loss of intent is no number"),
        "{screen}"
    );
}

#[test]
fn a_log_that_is_not_there_yet_and_then_grows() {
    let folder = Folder::empty();
    let mut app = app(&folder);
    assert!(screen(&app, 80, 24).contains("nothing yet"));
    folder.write("metrics.jsonl", Folder::going_on(200).read("metrics.jsonl"));
    app.refresh().unwrap();
    assert_eq!(app.progress(), 0.5);
    // 0.08 seconds a step, 200 steps left.
    let left = app.seconds_left().unwrap();
    assert!((left - 16.0).abs() < 1e-9, "{left}");
    let grown = screen(&app, 80, 24);
    assert!(
        grown.contains("200/400 steps") && grown.contains("ETA 16.0 s"),
        "{grown}"
    );
}

#[test]
fn keys_change_the_pane() {
    let mut app = app(&Folder::going_on(200));
    for pane in [Pane::Losses, Pane::Weights, Pane::Norms, Pane::Scores] {
        app.press(Key::Next);
        assert_eq!(app.pane, pane);
    }
    app.press(Key::Previous);
    assert_eq!(app.pane, Pane::Norms);
    app.press(Key::Zoom);
    assert!(screen(&app, 100, 24).contains("last quarter"));
    app.press(Key::Quit);
    assert!(app.is_done);
}

#[test]
fn no_screen_is_too_small() {
    let app = app(&Folder::finished());
    for (width, height) in [(1, 1), (10, 3), (40, 8), (80, 19), (300, 5)] {
        screen(&app, width, height);
    }
}
