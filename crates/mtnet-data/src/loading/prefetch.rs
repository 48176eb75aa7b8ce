//! An iterator that runs ahead of its reader on a thread of its own.

use std::io;
use std::panic;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

/// Items made ahead on another thread, a bounded number of them.
///
/// A panic of the maker reaches the reader as that panic, in place of the item it would have made.
/// Dropping the reader stops the maker after the item it is at, and waits for it.
#[derive(Debug)]
pub struct Prefetch<T> {
    items: Option<Receiver<T>>,
    maker: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Prefetch<T> {
    /// Starts making items, at most `ahead` more than were read.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn spawn(
        items: impl Iterator<Item = T> + Send + 'static,
        ahead: usize,
    ) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(ahead);
        let maker = thread::Builder::new()
            .name("mtnet-loader".to_owned())
            .spawn(move || {
                for item in items {
                    // The reader is gone: nobody wants the rest.
                    if sender.send(item).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self {
            items: Some(receiver),
            maker: Some(maker),
        })
    }
}

impl<T> Iterator for Prefetch<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let item = self.items.as_ref()?.recv().ok();
        if item.is_none() {
            self.items = None;
            if let Some(Err(panicked)) = self.maker.take().map(JoinHandle::join) {
                panic::resume_unwind(panicked);
            }
        }
        item
    }
}

impl<T> Drop for Prefetch<T> {
    fn drop(&mut self) {
        self.items = None;
        if let Some(maker) = self.maker.take() {
            // A panic that nobody came to read is not worth a second one.
            let _ = maker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn items_come_in_order_and_never_further_ahead_than_allowed() {
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let items = (0..100).inspect(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        for (expected, item) in Prefetch::spawn(items, 3).unwrap().enumerate() {
            assert_eq!(item, expected);
            // Read so far, those in the channel, and the one that waits to enter it.
            assert!(made.load(Ordering::SeqCst) <= expected + 1 + 3 + 1);
        }
        assert_eq!(made.load(Ordering::SeqCst), 100);
    }

    #[test]
    fn dropping_the_reader_stops_an_endless_maker() {
        let alive = Arc::new(());
        let kept = Arc::clone(&alive);
        let mut endless = Prefetch::spawn(
            (0..).inspect(move |_| {
                let _kept = &kept;
            }),
            2,
        )
        .unwrap();
        assert_eq!(endless.next(), Some(0));
        drop(endless);
        // The thread has ended and let go of what it held.
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    #[test]
    fn a_panic_reaches_the_reader_after_the_items_before_it() {
        let mut items = Prefetch::spawn(
            (0..5).inspect(|item| assert!(*item < 2, "item {item} is broken")),
            8,
        )
        .unwrap();
        assert_eq!((items.next(), items.next()), (Some(0), Some(1)));
        let panicked = panic::catch_unwind(panic::AssertUnwindSafe(|| items.next())).unwrap_err();
        let message = panicked.downcast_ref::<String>().unwrap();
        assert!(message.contains("item 2 is broken"), "{message}");
        assert_eq!(items.next(), None);
    }

    #[test]
    fn errors_are_items() {
        let items = [Ok(1), Err("broken"), Ok(2)].into_iter();
        let read: Result<Vec<i32>, &str> = Prefetch::spawn(items, 1).unwrap().collect();
        assert_eq!(read, Err("broken"));
    }
}
