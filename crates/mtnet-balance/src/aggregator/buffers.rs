//! Running values of one number a task and parameter.

use crate::{BalanceError, BalanceState};

/// One row a task, all of one length; a task that was never present has none yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Buffers {
    rows: Vec<Vec<f64>>,
}

impl Buffers {
    /// Of `tasks` tasks, none of which was present yet.
    pub(super) fn new(tasks: usize) -> Self {
        Self {
            rows: vec![Vec::new(); tasks],
        }
    }

    /// Number of tasks.
    pub(super) fn tasks(&self) -> usize {
        self.rows.len()
    }

    /// Makes rows of `columns` zeros for the tasks that have none.
    ///
    /// # Errors
    /// [`BalanceError::Gramian`] if a task has a row of another length.
    pub(super) fn reserve(&mut self, tasks: &[usize], columns: usize) -> Result<(), BalanceError> {
        for &task in tasks {
            let row = &mut self.rows[task];
            if row.is_empty() {
                row.resize(columns, 0.0);
            } else if row.len() != columns {
                let found = row.len();
                let problem =
                    format!("gradients have {columns} entries, but averages of {found} were kept");
                return Err(BalanceError::Gramian { problem });
            }
        }
        Ok(())
    }

    /// The row of a task.
    pub(super) fn row(&self, task: usize) -> &[f64] {
        &self.rows[task]
    }

    /// The row of a task, from entry `start`.
    pub(super) fn row_from(&mut self, task: usize, start: usize) -> &mut [f64] {
        &mut self.rows[task][start..]
    }

    /// Adds the rows to a state, as `NAME.TASK`.
    pub(super) fn save(&self, name: &str, mut state: BalanceState) -> BalanceState {
        let sizes = self.rows.iter().map(|row| row.len() as u64).collect();
        state = state.with_counters(&format!("{name}_sizes"), sizes);
        for (task, row) in self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.is_empty())
        {
            state = state.with_vector(&format!("{name}.{task}"), row.clone());
        }
        state
    }

    /// Takes the rows out of a state.
    pub(super) fn load(
        &self,
        method: &'static str,
        name: &str,
        state: &mut BalanceState,
    ) -> Result<Self, BalanceError> {
        let sizes = state.take_counters(method, &format!("{name}_sizes"), self.rows.len())?;
        let mut rows = Vec::with_capacity(sizes.len());
        for (task, size) in sizes.iter().enumerate() {
            rows.push(match usize::try_from(*size) {
                Ok(0) => Vec::new(),
                Ok(size) => state.take_vector(method, &format!("{name}.{task}"), size)?,
                Err(_) => {
                    return Err(BalanceError::State {
                        method,
                        problem: format!("`{name}_sizes` holds {size}, beyond any memory"),
                    });
                }
            });
        }
        Ok(Self { rows })
    }
}
