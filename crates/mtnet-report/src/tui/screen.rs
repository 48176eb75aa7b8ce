//! The terminal itself: taken, drawn on, asked for keys, and given back.

use std::path::Path;
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

use super::app::{App, Key};
use super::draw::draw;
use crate::ReportError;

/// Time between two looks at keys and log.
const EVERY: Duration = Duration::from_millis(150);

/// Shows a run folder until `q`, finished or not.
///
/// # Errors
/// If there is no terminal, or the log cannot be read.
pub fn view(folder: &Path) -> Result<(), ReportError> {
    let mut app = App::new(folder);
    on_screen(|terminal| {
        while !app.is_done {
            app.refresh()?;
            if turn(terminal, &mut app)? == Asked::Interrupt {
                break;
            }
        }
        Ok(())
    })
}

/// What a turn ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing that the view does not do itself.
    Nothing,
    /// Ctrl-C, which a terminal in raw mode gives as a key.
    Interrupt,
}

/// Takes the terminal for as long as `show` runs. A panic gives it back before its message is
/// written.
pub(super) fn on_screen(
    show: impl FnOnce(&mut DefaultTerminal) -> std::io::Result<()>,
) -> Result<(), ReportError> {
    let mut terminal = ratatui::try_init().map_err(|error| {
        // Half of it may have been done.
        ratatui::restore();
        ReportError::Terminal(error)
    })?;
    let shown = show(&mut terminal);
    ratatui::restore();
    shown.map_err(ReportError::Terminal)
}

/// Draws once and waits for a key, a short while at most.
pub(super) fn turn(terminal: &mut DefaultTerminal, app: &mut App) -> std::io::Result<Asked> {
    terminal.draw(|frame| draw(frame, app))?;
    if !event::poll(EVERY)? {
        return Ok(Asked::Nothing);
    }
    let Event::Key(key) = event::read()? else {
        return Ok(Asked::Nothing);
    };
    if key.kind != KeyEventKind::Press {
        return Ok(Asked::Nothing);
    }
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if is_control => return Ok(Asked::Interrupt),
        KeyCode::Char('q') | KeyCode::Esc => app.press(Key::Quit),
        KeyCode::Right | KeyCode::Tab => app.press(Key::Next),
        KeyCode::Left | KeyCode::BackTab => app.press(Key::Previous),
        KeyCode::Char('z') => app.press(Key::Zoom),
        _ => {}
    }
    Ok(Asked::Nothing)
}
