//! Bad rows while files are read: refused, or left out and counted.

use crate::DataError;
use crate::config::OnBadRow;

/// Messages that a report keeps.
const KEPT: usize = 5;

/// The bad rows of a split so far.
#[derive(Debug)]
pub(crate) struct Rejected {
    policy: OnBadRow,
    /// How many rows were left out.
    pub count: usize,
    /// What was wrong with the first of them.
    pub first: Vec<String>,
}

impl Rejected {
    pub fn new(policy: OnBadRow) -> Self {
        Self {
            policy,
            count: 0,
            first: Vec::new(),
        }
    }

    /// Whether rows may be left out at all.
    pub fn is_lenient(&self) -> bool {
        self.policy != OnBadRow::Error
    }

    /// Counts a row that is left out.
    ///
    /// # Errors
    /// What is wrong with it, where the policy allows no more of them.
    pub fn reject(&mut self, error: DataError) -> Result<(), DataError> {
        match self.policy {
            OnBadRow::Error => return Err(error),
            OnBadRow::Limit(limit) if self.count >= limit => {
                return Err(DataError::TooManyBadRows {
                    limit,
                    next: Box::new(error),
                });
            }
            OnBadRow::Skip | OnBadRow::Limit(_) => {}
        }
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(error.to_string());
        }
        Ok(())
    }

    /// The value, or `None` where the row is left out.
    ///
    /// # Errors
    /// As [`reject`](Self::reject).
    pub fn sift<T>(&mut self, result: Result<T, DataError>) -> Result<Option<T>, DataError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.reject(error).map(|()| None),
        }
    }
}
