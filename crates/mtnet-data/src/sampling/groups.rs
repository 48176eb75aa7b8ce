//! Sampling groups: tasks that share examples, directly or through other tasks.

use std::collections::BTreeMap;

use mtnet_core::{Target, TaskName};

/// A connected component of the graph of tasks in which two are joined by each example that has
/// targets for both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplingGroup {
    /// Its tasks, and how many of its examples have a target for each.
    pub tasks: BTreeMap<TaskName, usize>,
    /// Its examples, rising.
    pub examples: Vec<usize>,
}

/// The groups of all examples, by the name of their first task. An example without a target is in
/// none, and so is never drawn.
pub fn sampling_groups(targets: &[BTreeMap<TaskName, Target>]) -> Vec<SamplingGroup> {
    let mut numbers: BTreeMap<&TaskName, usize> = BTreeMap::new();
    for task in targets.iter().flat_map(BTreeMap::keys) {
        numbers.insert(task, 0);
    }
    for (number, slot) in numbers.values_mut().enumerate() {
        *slot = number;
    }
    let mut parents: Vec<usize> = (0..numbers.len()).collect();
    for example in targets {
        let mut tasks = example.keys().map(|task| numbers[task]);
        if let Some(first) = tasks.next() {
            for other in tasks {
                let (a, b) = (root(&parents, first), root(&parents, other));
                parents[a.max(b)] = a.min(b);
            }
        }
    }
    // A root is the least number of its component, so groups come by their first task.
    let mut groups: BTreeMap<usize, SamplingGroup> = BTreeMap::new();
    for (index, example) in targets.iter().enumerate() {
        let Some(first) = example.keys().next() else {
            continue;
        };
        let group = groups
            .entry(root(&parents, numbers[first]))
            .or_insert_with(|| SamplingGroup {
                tasks: BTreeMap::new(),
                examples: Vec::new(),
            });
        group.examples.push(index);
        for task in example.keys() {
            match group.tasks.get_mut(task) {
                Some(count) => *count += 1,
                None => {
                    group.tasks.insert(task.clone(), 1);
                }
            }
        }
    }
    groups.into_values().collect()
}

fn root(parents: &[usize], mut task: usize) -> usize {
    while parents[task] != task {
        task = parents[task];
    }
    task
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_that_share_an_example_are_one_group() {
        let name = |name: &str| TaskName::new(name).unwrap();
        let targets: Vec<BTreeMap<TaskName, Target>> = [
            &["topic"][..],
            &["slots", "intent"],
            &[],
            &["ner"],
            &["pos", "ner"],
            &["intent"],
            &["genre", "pos"],
        ]
        .iter()
        .map(|tasks| {
            tasks
                .iter()
                .map(|task| (name(task), Target::Class(0)))
                .collect()
        })
        .collect();
        let groups = sampling_groups(&targets);
        let tasks = |group: &SamplingGroup| {
            let counts = group.tasks.iter();
            let counts: Vec<String> = counts.map(|(task, n)| format!("{task} {n}")).collect();
            counts.join(", ")
        };
        let seen: Vec<String> = groups.iter().map(tasks).collect();
        assert_eq!(
            seen,
            ["genre 1, ner 2, pos 2", "intent 2, slots 1", "topic 1"]
        );
        let examples: Vec<&[usize]> = groups.iter().map(|g| g.examples.as_slice()).collect();
        assert_eq!(examples, [&[3, 4, 6][..], &[1, 5], &[0]]);
    }
}
