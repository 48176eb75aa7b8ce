//! Runs side by side: as many as there are cores, each on its share of them.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use mtnet_train::trainer::StopToken;

use crate::job::{Found, Job};
use crate::{CompareError, CompareEvent, TestAnswers};

/// Does all jobs, as many at a time as there are cores unless stated; answers come in the order of
/// the jobs. After a failure no other job begins, and those that run come to their end.
///
/// # Errors
/// [`CompareError::Run`] of the first job that failed.
pub fn do_all(
    jobs: &[Job],
    side_by_side: Option<NonZero<usize>>,
    stop: &StopToken,
    listener: &mut dyn FnMut(&CompareEvent),
) -> Result<Vec<TestAnswers>, CompareError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = side_by_side
        .map_or(cores, NonZero::get)
        .min(jobs.len().max(1));
    let shared = Shared {
        jobs,
        next: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
        threads: (cores / workers).max(1),
        stop,
    };
    let mut answers: Vec<Option<TestAnswers>> = vec![None; jobs.len()];
    let mut failure = None;
    let mut done = 0;
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..workers {
            let (shared, sender) = (&shared, sender.clone());
            scope.spawn(move || shared.work(&sender));
        }
        drop(sender);
        for told in receiver {
            match told {
                Told::Began(job, resumed) => listener(&CompareEvent::Started {
                    run: jobs[job].label.clone(),
                    resumed,
                }),
                Told::Done(job, kept, Ok(found)) => {
                    done += 1;
                    listener(&CompareEvent::Finished {
                        run: jobs[job].label.clone(),
                        done,
                        total: jobs.len(),
                        kept,
                        seconds: found.seconds,
                    });
                    answers[job] = Some(found);
                }
                Told::Done(job, _, Err(source)) => {
                    failure.get_or_insert(CompareError::Run {
                        run: jobs[job].label.clone(),
                        source: Box::new(source),
                    });
                }
            }
        }
    });
    match failure {
        Some(failure) => Err(failure),
        None => Ok(answers.into_iter().flatten().collect()),
    }
}

enum Told {
    Began(usize, bool),
    Done(usize, bool, Result<TestAnswers, CompareError>),
}

struct Shared<'a> {
    jobs: &'a [Job],
    next: AtomicUsize,
    failed: AtomicBool,
    threads: usize,
    stop: &'a StopToken,
}

impl Shared<'_> {
    fn work(&self, sender: &Sender<Told>) {
        while !self.failed.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = self.jobs.get(index) else {
                break;
            };
            // Nobody listens any more only where the comparison itself has panicked.
            let tell = |told| {
                let _ = sender.send(told);
            };
            let found = match job.found() {
                Ok(found) => found,
                Err(error) => {
                    self.failed.store(true, Ordering::Relaxed);
                    tell(Told::Done(index, false, Err(error)));
                    break;
                }
            };
            if found != Found::Answers {
                tell(Told::Began(index, found == Found::Begun));
            }
            let result = job.finish(self.threads, self.stop);
            if result.is_err() {
                self.failed.store(true, Ordering::Relaxed);
            }
            tell(Told::Done(index, found == Found::Answers, result));
        }
    }
}
