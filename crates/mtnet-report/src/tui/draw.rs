//! Where each part of the view stands.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};

use super::app::App;
use super::{curves, map, panels};

/// Draws the whole view. A small terminal shows curves and tasks first.
pub fn draw(frame: &mut Frame, app: &App) {
    let area = frame.area();
    let has_room = area.height >= 20;
    let [title, progress, upper, lower, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(3),
        if has_room {
            Constraint::Fill(2)
        } else {
            Constraint::Length(0)
        },
        Constraint::Length(1),
    ])
    .areas(area);
    panels::title(frame, title, app);
    panels::progress(frame, progress, app);
    let [left, right] = Layout::horizontal([Constraint::Fill(3), Constraint::Min(52)]).areas(upper);
    curves::draw(frame, left, app);
    panels::tasks(frame, right, app);
    if has_room {
        let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]);
        let [left, right] = halves.areas(lower);
        map::draw(frame, left, app);
        panels::alarms(frame, right, app);
    }
    panels::keys(frame, keys);
}
