//! The view in a thread of its own, beside a trainer that goes on whatever becomes of the view.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::app::App;
use super::screen::{Asked, on_screen, turn};
use crate::ReportError;

/// A view that follows a run of this process. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct LiveView {
    thread: Option<JoinHandle<Result<(), ReportError>>>,
    says: Sender<Said>,
    is_open: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Said {
    Stage(String),
    Message(String),
    End,
}

impl LiveView {
    /// Opens the view of a folder that a trainer is about to write to. `on_interrupt` is called
    /// for Ctrl-C once the terminal is given back: raw mode keeps it from being a signal.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn open(
        folder: PathBuf,
        on_interrupt: impl FnOnce() + Send + 'static,
    ) -> Result<Self, ReportError> {
        let (says, heard) = channel();
        let is_open = Arc::new(AtomicBool::new(true));
        let open = Arc::clone(&is_open);
        let show = move || {
            let mut app = App::live(&folder);
            let mut is_interrupted = false;
            let shown = on_screen(|terminal| {
                while !app.is_done {
                    hear(&heard, &mut app);
                    app.refresh()?;
                    if turn(terminal, &mut app)? == Asked::Interrupt {
                        is_interrupted = true;
                        break;
                    }
                }
                Ok(())
            });
            open.store(false, Ordering::Release);
            if is_interrupted {
                on_interrupt();
            }
            shown
        };
        let thread = thread::Builder::new()
            .name("terminal-view".to_owned())
            .spawn(show);
        Ok(Self {
            thread: Some(thread.map_err(ReportError::Terminal)?),
            says,
            is_open,
        })
    }

    /// Whether the view is on the screen: what else is written would be drawn over.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Tells what the trainer is at.
    pub fn stage(&self, stage: &str) {
        self.say(Said::Stage(stage.to_owned()));
    }

    /// Tells something worth a line.
    pub fn message(&self, message: &str) {
        self.say(Said::Message(message.to_owned()));
    }

    /// Gives the terminal back.
    ///
    /// # Errors
    /// If the view could not be drawn.
    pub fn close(mut self) -> Result<(), ReportError> {
        self.end()
    }

    fn say(&self, said: Said) {
        // A view that was quit hears nothing.
        let _ = self.says.send(said);
    }

    fn end(&mut self) -> Result<(), ReportError> {
        self.say(Said::End);
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(shown)) => shown,
            Some(Err(_)) => {
                let panicked = std::io::Error::other("the view's thread panicked");
                Err(ReportError::Terminal(panicked))
            }
        }
    }
}

impl Drop for LiveView {
    fn drop(&mut self) {
        // Who wants to know has called `close`.
        let _ = self.end();
    }
}

fn hear(heard: &Receiver<Said>, app: &mut App) {
    for said in heard.try_iter() {
        match said {
            Said::Stage(stage) => app.stage = stage,
            Said::Message(message) => app.tell(message),
            Said::End => app.is_done = true,
        }
    }
}
