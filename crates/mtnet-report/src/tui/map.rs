//! The map of gradient cosines: a row a pair of tasks, a column a look.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::app::App;
use super::curves::frame_of;
use crate::format::clipped;

/// Draws the pairs with the strongest mean cosines, as many as there is room for.
pub fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let block = frame_of(Line::from(" gradient cosines ".bold()));
    let inner = block.inner(area);
    let looks = &app.run.balance;
    let mut rows: Vec<(String, Vec<f64>, f64)> = Vec::new();
    for pair in looks.iter().flat_map(|look| &look.pairs) {
        let name = format!("{}·{}", pair.tasks[0], pair.tasks[1]);
        if rows.iter().any(|row| row.0 == name) {
            continue;
        }
        let of_look = |look: &crate::read::Balance| {
            let found = look.pairs.iter().find(|other| other.tasks == pair.tasks);
            found.map_or(f64::NAN, |found| found.cosine)
        };
        let cosines: Vec<f64> = looks.iter().map(of_look).collect();
        let seen: Vec<f64> = cosines
            .iter()
            .copied()
            .filter(|cosine| cosine.is_finite())
            .collect();
        let mean = seen.iter().sum::<f64>() / seen.len().max(1) as f64;
        rows.push((name, cosines, mean));
    }
    if rows.is_empty() {
        frame.render_widget(
            Paragraph::new("no look at the gradients yet".dark_gray()).block(block),
            area,
        );
        return;
    }
    let room = inner.height as usize;
    if rows.len() > room {
        rows.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
        rows.truncate(room);
    }
    let width = rows
        .iter()
        .map(|row| row.0.chars().count())
        .max()
        .unwrap_or(0)
        .min(22);
    let columns = (inner.width as usize).saturating_sub(width + 8);
    let strongest = rows.iter().flat_map(|row| &row.1).filter(|c| c.is_finite());
    let strongest = strongest.fold(0.05_f64, |most, cosine| most.max(cosine.abs()));
    let lines: Vec<Line> = rows
        .iter()
        .map(|(name, cosines, mean)| {
            let shown = match name.chars().count() <= width {
                true => name.clone(),
                false => clipped(name, width.saturating_sub(1)),
            };
            let mut spans = vec![Span::raw(format!("{shown:>width$} "))];
            let cosines = shrunk(cosines, columns);
            // A run that has only begun fills more of the row.
            let repeats = (columns / cosines.len().max(1)).clamp(1, 3);
            for cosine in cosines {
                spans.extend(std::iter::repeat_n(cell(cosine / strongest), repeats));
            }
            spans.push(Span::styled(
                format!(" {mean:+.2}"),
                Style::new().fg(Color::DarkGray),
            ));
            Line::from(spans)
        })
        .collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// One look: the fuller the block, the stronger; blue agrees and red opposes.
fn cell(cosine: f64) -> Span<'static> {
    let shade = match cosine.abs() {
        size if size.is_nan() => " ",
        size if size < 0.15 => "·",
        size if size < 0.35 => "░",
        size if size < 0.6 => "▒",
        size if size < 0.85 => "▓",
        _ => "█",
    };
    let color = if cosine < 0.0 {
        Color::Red
    } else {
        Color::Blue
    };
    Span::styled(shade, Style::new().fg(color))
}

/// At most `columns` values: means of neighbours where there are more.
fn shrunk(values: &[f64], columns: usize) -> Vec<f64> {
    if columns == 0 {
        return Vec::new();
    }
    let size = values.len().div_ceil(columns).max(1);
    values
        .chunks(size)
        .map(|chunk| {
            let seen: Vec<f64> = chunk
                .iter()
                .copied()
                .filter(|value| value.is_finite())
                .collect();
            match seen.len() {
                0 => f64::NAN,
                count => seen.iter().sum::<f64>() / count as f64,
            }
        })
        .collect()
}
