//! Where events go.

use super::{Event, EventError};

/// Something that takes the events of a run, in their order.
pub trait EventSink {
    /// Takes one event.
    ///
    /// # Errors
    /// If it cannot be kept.
    fn record(&mut self, event: &Event) -> Result<(), EventError>;

    /// Makes all events so far survive a power cut. Called before a checkpoint is committed.
    ///
    /// # Errors
    /// If they cannot be written through.
    fn sync(&mut self) -> Result<(), EventError> {
        Ok(())
    }
}

/// Keeps the events in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemorySink {
    /// The events so far.
    pub events: Vec<Event>,
}

impl EventSink for MemorySink {
    fn record(&mut self, event: &Event) -> Result<(), EventError> {
        self.events.push(event.clone());
        Ok(())
    }
}

impl<S: EventSink + ?Sized> EventSink for Box<S> {
    fn record(&mut self, event: &Event) -> Result<(), EventError> {
        (**self).record(event)
    }

    fn sync(&mut self) -> Result<(), EventError> {
        (**self).sync()
    }
}

/// Every sink of the list takes every event; the first error is returned after all were asked.
impl<S: EventSink> EventSink for Vec<S> {
    fn record(&mut self, event: &Event) -> Result<(), EventError> {
        ask_all(self, |sink| sink.record(event))
    }

    fn sync(&mut self) -> Result<(), EventError> {
        ask_all(self, EventSink::sync)
    }
}

fn ask_all<S>(
    sinks: &mut [S],
    ask: impl FnMut(&mut S) -> Result<(), EventError>,
) -> Result<(), EventError> {
    let answers: Vec<_> = sinks.iter_mut().map(ask).collect();
    answers.into_iter().collect()
}
