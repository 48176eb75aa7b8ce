//! A seeded part of a task's training examples: so many with its labels in balance, or a share.

use std::collections::BTreeMap;

use mtnet_core::{IGNORED_TAG, RandomStream, Target, TaskName};

/// Which part of a task's examples it learns from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subset {
    /// So many examples, all where there are fewer. Labels take turns, so that each has as many
    /// examples as the others or all that it has; of an example with several labels or tags, the
    /// rarest counts. A draw of fewer from the same stream is a part of a draw of more.
    Balanced(usize),
    /// This share of the examples, above 0 and at most 1, rounded up. Tasks with labels on the same
    /// examples draw the same ones.
    Share(f64),
}

impl Subset {
    /// Takes the targets of `task` from every example that was not drawn.
    pub fn keep(
        self,
        targets: &mut [BTreeMap<TaskName, Target>],
        task: &TaskName,
        stream: RandomStream,
    ) {
        let drawn = match self {
            Self::Balanced(count) => balanced(targets, task, count, stream.child(task.as_str())),
            Self::Share(share) => shared(targets, task, share, stream),
        };
        let mut kept = vec![false; targets.len()];
        drawn.into_iter().for_each(|example| kept[example] = true);
        for (targets, _) in targets.iter_mut().zip(kept).filter(|(_, kept)| !kept) {
            targets.remove(task);
        }
    }
}

fn balanced(
    targets: &[BTreeMap<TaskName, Target>],
    task: &TaskName,
    count: usize,
    mut stream: RandomStream,
) -> Vec<usize> {
    let labelled = || {
        let all = targets.iter().enumerate();
        all.filter_map(|(example, targets)| Some((example, targets.get(task)?)))
    };
    let mut frequency: BTreeMap<u32, usize> = BTreeMap::new();
    for (_, target) in labelled() {
        for label in labels(target) {
            *frequency.entry(label).or_default() += 1;
        }
    }
    let mut strata: BTreeMap<Option<u32>, Vec<usize>> = BTreeMap::new();
    for (example, target) in labelled() {
        let rarest = labels(target).min_by_key(|label| (frequency[label], *label));
        strata.entry(rarest).or_default().push(example);
    }
    let mut strata: Vec<Vec<usize>> = strata.into_values().collect();
    stream.shuffle(&mut strata);
    for stratum in &mut strata {
        stream.shuffle(stratum);
    }
    let turns = strata.iter().map(Vec::len).max().unwrap_or(0);
    let in_turn =
        (0..turns).flat_map(|turn| strata.iter().filter_map(move |stratum| stratum.get(turn)));
    in_turn.take(count).copied().collect()
}

fn shared(
    targets: &[BTreeMap<TaskName, Target>],
    task: &TaskName,
    share: f64,
    mut stream: RandomStream,
) -> Vec<usize> {
    // All examples are put in order, whichever task asks, so that tasks agree.
    let mut order: Vec<usize> = (0..targets.len()).collect();
    stream.shuffle(&mut order);
    order.retain(|&example| targets[example].contains_key(task));
    let count = (share * order.len() as f64).ceil() as usize;
    order.truncate(count);
    order
}

/// The labels of a target, none for numbers.
fn labels(target: &Target) -> impl Iterator<Item = u32> + '_ {
    let (one, several): (Option<u32>, &[u32]) = match target {
        Target::Class(class) => (Some(*class), &[]),
        Target::MultiLabel(labels) => (None, labels),
        Target::Tags(tags) => (None, tags),
        _ => (None, &[]),
    };
    let several = several.iter().copied().filter(|&tag| tag != IGNORED_TAG);
    one.into_iter().chain(several)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> TaskName {
        TaskName::new(name).unwrap()
    }

    fn examples(targets: impl IntoIterator<Item = Target>) -> Vec<BTreeMap<TaskName, Target>> {
        let of = |target| BTreeMap::from([(name("t"), target)]);
        targets.into_iter().map(of).collect()
    }

    fn drawn(all: &[BTreeMap<TaskName, Target>], subset: Subset, seed: u64) -> Vec<usize> {
        let mut targets = all.to_vec();
        subset.keep(&mut targets, &name("t"), RandomStream::new(seed));
        let left = targets.iter().enumerate();
        left.filter(|(_, targets)| targets.contains_key(&name("t")))
            .map(|(example, _)| example)
            .collect()
    }

    #[test]
    fn labels_take_turns_and_draws_are_nested() {
        // 40 of class 0, 8 of class 1, 2 of class 2.
        let class =
            |example: u32| Target::Class(u32::from(example >= 40) + u32::from(example >= 48));
        let all = examples((0..50).map(class));
        let counts = |count, seed| {
            let mut counts = [0; 3];
            for example in drawn(&all, Subset::Balanced(count), seed) {
                counts[class(example as u32).class()] += 1;
            }
            counts
        };
        for seed in 0..5 {
            assert_eq!(counts(6, seed), [2, 2, 2]);
            assert_eq!(counts(12, seed), [5, 5, 2]);
            assert_eq!(counts(99, seed), [40, 8, 2]);
            let few = drawn(&all, Subset::Balanced(4), seed);
            let more = drawn(&all, Subset::Balanced(16), seed);
            assert!(few.iter().all(|example| more.contains(example)));
        }
        assert_ne!(
            drawn(&all, Subset::Balanced(6), 1),
            drawn(&all, Subset::Balanced(6), 2)
        );
    }

    #[test]
    fn the_rarest_tag_of_a_sentence_counts() {
        // Everywhere tag 0; tag 1 in one sentence, tag 2 in two.
        let sentence = |example: u32| match example {
            3 => vec![0, 1],
            7 | 9 => vec![0, 2, IGNORED_TAG],
            _ => vec![0, 0],
        };
        let all = examples((0..20).map(|example| Target::Tags(sentence(example))));
        for seed in 0..5 {
            let three = drawn(&all, Subset::Balanced(3), seed);
            assert!(three.contains(&3), "{three:?}");
            assert!(three.contains(&7) || three.contains(&9), "{three:?}");
        }
    }

    #[test]
    fn numbers_are_drawn_as_they_come() {
        let all = examples((0..10).map(|number| Target::Numbers(vec![number as f32])));
        assert_eq!(drawn(&all, Subset::Balanced(4), 0).len(), 4);
    }

    #[test]
    fn tasks_on_the_same_examples_share_a_share() {
        let both = |example: u32| {
            BTreeMap::from([
                (name("a"), Target::Class(example % 2)),
                (name("b"), Target::Class(0)),
            ])
        };
        let mut targets: Vec<_> = (0..10).map(both).collect();
        let stream = RandomStream::new(3);
        Subset::Share(0.25).keep(&mut targets, &name("a"), stream);
        Subset::Share(0.25).keep(&mut targets, &name("b"), stream);
        let counts: Vec<usize> = targets.iter().map(BTreeMap::len).collect();
        // 2.5 of 10 are 3.
        assert_eq!(counts.iter().filter(|&&tasks| tasks == 2).count(), 3);
        assert_eq!(counts.iter().sum::<usize>(), 6);
    }

    trait Class {
        fn class(&self) -> usize;
    }

    impl Class for Target {
        fn class(&self) -> usize {
            match self {
                Target::Class(class) => *class as usize,
                other => panic!("{other:?}"),
            }
        }
    }
}
