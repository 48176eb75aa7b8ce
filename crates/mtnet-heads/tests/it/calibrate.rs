//! Temperatures change probabilities as the formula says, and nothing else.

use candle_core::{DType, Device, Tensor};
use mtnet_core::{Offsets, RandomStream, TaskName};
use mtnet_heads::{Answer, HeadRegistry, Link, TaskHead, TaskSpec, calibrate};
use mtnet_kernels::ParamStore;

fn head(kind: &str, labels: &[&str]) -> Box<dyn TaskHead> {
    let head = serde_json::from_str(kind).unwrap();
    let spec = TaskSpec::new(TaskName::new("task").unwrap(), head, labels.iter().copied());
    let store = ParamStore::new(RandomStream::new(1), &Device::Cpu);
    let built = HeadRegistry::default().build(&spec, 4, store.builder());
    built.unwrap()
}

fn softmax(row: &[f32], temperature: f64) -> Vec<f64> {
    let powers: Vec<f64> = row
        .iter()
        .map(|&z| (f64::from(z) / temperature).exp())
        .collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[track_caller]
fn close(found: f32, expected: f64) {
    assert!(
        (f64::from(found) - expected).abs() < 1e-6,
        "{found} {expected}"
    );
}

#[test]
fn probabilities_follow_the_temperature_and_labels_stay() {
    let mut stream = RandomStream::new(4);
    let scores: Vec<f32> = (0..60).map(|_| 3.0 * stream.normal() as f32).collect();
    let rows = Tensor::from_slice(&scores, (12, 5), &Device::Cpu).unwrap();
    let labels = ["O", "B-a", "I-a", "B-b", "I-b"];
    let words = Offsets::from_lengths([3, 0, 8, 1]);
    let heads = [
        ("\"classification\"", Link::Softmax),
        (
            "{\"type\": \"multi-label\", \"threshold\": 0.3}",
            Link::Sigmoid,
        ),
        ("\"token-classification\"", Link::Softmax),
    ];
    for (kind, link) in heads {
        let head = head(kind, &labels);
        assert_eq!(head.link(), Some(link), "{kind}");
        let bare = head.decode(&rows, Some(&words)).unwrap();
        for temperature in [0.2, 1.0, 1.7, 9.0] {
            let mut answers = bare.clone();
            calibrate(&mut answers, &scores, 5, temperature);
            let mut row = scores.chunks_exact(5);
            for (found, bare) in answers.iter().zip(&bare) {
                match (found, bare) {
                    (
                        Answer::Class {
                            label,
                            probabilities,
                        },
                        Answer::Class { label: before, .. },
                    ) => {
                        assert_eq!(label, before);
                        let expected = softmax(row.next().unwrap(), temperature);
                        probabilities
                            .iter()
                            .zip(expected)
                            .for_each(|(&p, e)| close(p, e));
                    }
                    (
                        Answer::Labels {
                            labels,
                            probabilities,
                        },
                        Answer::Labels { labels: before, .. },
                    ) => {
                        // At the threshold 0.3 too, which a temperature would move.
                        assert_eq!(labels, before);
                        for (&p, &z) in probabilities.iter().zip(row.next().unwrap()) {
                            close(p, 1.0 / (1.0 + (-f64::from(z) / temperature).exp()));
                        }
                    }
                    (
                        Answer::Tags {
                            tags,
                            probabilities,
                        },
                        Answer::Tags { tags: before, .. },
                    ) => {
                        assert_eq!(tags, before);
                        for (&p, &tag) in probabilities.iter().zip(tags) {
                            close(p, softmax(row.next().unwrap(), temperature)[tag as usize]);
                        }
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert!(row.next().is_none());
        }
    }
}

#[test]
fn numbers_have_no_temperature() {
    let head = head("\"regression\"", &["stars"]);
    assert_eq!(head.link(), None);
    let scores = Tensor::ones((2, 1), DType::F32, &Device::Cpu).unwrap();
    let bare = head.decode(&scores, None).unwrap();
    let mut answers = bare.clone();
    calibrate(&mut answers, &[1.0, 1.0], 1, 3.0);
    assert_eq!(answers, bare);
}
