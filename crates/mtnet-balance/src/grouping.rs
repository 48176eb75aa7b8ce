//! Which tasks to train together, from how much each helps the others.
//!
//! Fifty et al., "Efficiently Identifying Task Groupings for Multi-Task Learning", NeurIPS 2021,
//! §3.2 (<https://arxiv.org/abs/2109.04617>): a task gains from its group the mean affinity of the
//! others in it onto the task, and a grouping is worth the sum over tasks. Here groups do not
//! overlap, and a task alone gains nothing. Up to [`EXHAUSTIVE`] tasks every grouping is tried;
//! beyond, the two groups whose union is worth most are joined again and again.

/// Tasks up to which every grouping is tried: ten tasks have 115,975.
pub const EXHAUSTIVE: usize = 10;

/// Groups of tasks and what they are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// Positions of tasks, rising within a group; groups in the order of their first task.
    pub groups: Vec<Vec<usize>>,
    /// Sum over tasks of the mean affinity of the others of its group onto it.
    pub gain: f64,
}

/// Affinities `(m, m)`, row-major: entry `(i, j)` says how much a step for task `i` lowers the
/// loss of task `j`. `None` where the two were never seen together, which counts as 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Affinity {
    tasks: usize,
    values: Vec<Option<f64>>,
}

impl Affinity {
    /// From its entries.
    ///
    /// # Panics
    /// If there are not `tasks²` of them.
    pub fn new(tasks: usize, values: Vec<Option<f64>>) -> Self {
        assert_eq!(values.len(), tasks * tasks, "entries of an affinity matrix");
        Self { tasks, values }
    }

    /// The effect of task `i` on task `j`, 0 where it is not known.
    ///
    /// # Panics
    /// If a task is not there.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.tasks + j]
            .filter(|value| value.is_finite())
            .unwrap_or_default()
    }

    /// The grouping that is worth most for each number of groups, from one group up.
    pub fn groupings(&self) -> Vec<Grouping> {
        let mut best: Vec<Option<Grouping>> = vec![None; self.tasks];
        if self.tasks <= EXHAUSTIVE {
            self.try_all(0, &mut Vec::new(), &mut best);
        } else {
            self.join(&mut best);
        }
        best.into_iter().flatten().collect()
    }

    /// The grouping that is worth most; of equal ones the one with fewer groups.
    pub fn best_grouping(&self) -> Option<Grouping> {
        self.groupings().into_iter().reduce(|best, next| {
            // Sums in another order differ by rounding, which is no reason for more groups.
            let rounding = 1e-12 * best.gain.abs().max(next.gain.abs());
            if next.gain > best.gain + rounding {
                next
            } else {
                best
            }
        })
    }

    fn gain(&self, groups: &[Vec<usize>]) -> f64 {
        groups.iter().map(|group| self.group_gain(group)).sum()
    }

    fn group_gain(&self, group: &[usize]) -> f64 {
        if group.len() < 2 {
            return 0.0;
        }
        let onto = |j: usize| -> f64 {
            let others = group.iter().filter(|&&i| i != j);
            others.map(|&i| self.get(i, j)).sum()
        };
        group.iter().map(|&j| onto(j)).sum::<f64>() / (group.len() - 1) as f64
    }

    fn note(&self, groups: &[Vec<usize>], best: &mut [Option<Grouping>]) {
        let gain = self.gain(groups);
        let slot = &mut best[groups.len() - 1];
        if slot.as_ref().is_none_or(|best| gain > best.gain) {
            *slot = Some(Grouping {
                groups: groups.to_vec(),
                gain,
            });
        }
    }

    fn try_all(&self, task: usize, groups: &mut Vec<Vec<usize>>, best: &mut [Option<Grouping>]) {
        if task == self.tasks {
            if !groups.is_empty() {
                self.note(groups, best);
            }
            return;
        }
        for group in 0..groups.len() {
            groups[group].push(task);
            self.try_all(task + 1, groups, best);
            groups[group].pop();
        }
        groups.push(vec![task]);
        self.try_all(task + 1, groups, best);
        groups.pop();
    }

    fn join(&self, best: &mut [Option<Grouping>]) {
        let mut groups: Vec<Vec<usize>> = (0..self.tasks).map(|task| vec![task]).collect();
        self.note(&groups, best);
        while groups.len() > 1 {
            let mut choice = (f64::NEG_INFINITY, 0, 1);
            for i in 0..groups.len() {
                for j in i + 1..groups.len() {
                    let union = [&groups[i][..], &groups[j][..]].concat();
                    let change = self.group_gain(&union)
                        - self.group_gain(&groups[i])
                        - self.group_gain(&groups[j]);
                    if change > choice.0 {
                        choice = (change, i, j);
                    }
                }
            }
            let joined = groups.remove(choice.2);
            groups[choice.1].extend(joined);
            groups[choice.1].sort_unstable();
            self.note(&groups, best);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two camps: tasks of one help each other, tasks of different ones hurt.
    fn camps(tasks: usize) -> Affinity {
        let entry = |index: usize| {
            let (i, j) = (index / tasks, index % tasks);
            Some(if i % 2 == j % 2 { 0.1 } else { -0.2 })
        };
        Affinity::new(tasks, (0..tasks * tasks).map(entry).collect())
    }

    #[test]
    fn camps_are_found_with_and_without_trying_all() {
        for tasks in [5, 12] {
            let best = camps(tasks).best_grouping().expect("one");
            let expected = [0, 1].map(|first| (first..tasks).step_by(2).collect::<Vec<_>>());
            assert_eq!(best.groups, expected, "{tasks} tasks");
            assert!((best.gain - 0.1 * tasks as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn every_number_of_groups_has_its_best() {
        let groupings = camps(4).groupings();
        assert_eq!(groupings.len(), 4);
        for (index, grouping) in groupings.iter().enumerate() {
            assert_eq!(grouping.groups.len(), index + 1);
        }
        assert_eq!(groupings[3].gain, 0.0);
        // All together: each hears one friend and two foes.
        assert!((groupings[0].gain - 4.0 * (0.1 - 0.4) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_known_counts_as_nothing() {
        let affinity = Affinity::new(2, vec![None; 4]);
        let best = affinity.best_grouping().expect("one");
        assert_eq!((best.gain, best.groups), (0.0, vec![vec![0, 1]]));
        assert!(Affinity::new(0, Vec::new()).best_grouping().is_none());
    }
}
