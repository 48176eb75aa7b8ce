//! Scores, losses, answers and metrics of the built-in heads.

use candle_core::{Device, Result, Tensor};
use mtnet_core::{IGNORED_TAG, Offsets, RandomStream, Target, TargetValues, TaskName};
use mtnet_heads::{Answer, HeadConfig, HeadRegistry, TaskHead, TaskSpec};
use mtnet_kernels::{Mode, ParamStore};

const HIDDEN: usize = 6;

fn head(json: &str, labels: &[&str]) -> (Box<dyn TaskHead>, ParamStore) {
    let config: HeadConfig = serde_json::from_str(json).unwrap();
    let spec = TaskSpec::new(TaskName::new("t").unwrap(), config, labels.iter().copied());
    let store = ParamStore::new(RandomStream::new(3), &Device::Cpu);
    (
        HeadRegistry::default()
            .build(&spec, HIDDEN, store.builder())
            .unwrap(),
        store,
    )
}

fn rows(count: usize) -> Result<Tensor> {
    let mut stream = RandomStream::new(8);
    let values: Vec<f32> = (0..count * HIDDEN)
        .map(|_| stream.normal() as f32)
        .collect();
    Tensor::from_vec(values, (count, HIDDEN), &Device::Cpu)
}

#[test]
fn every_parameter_of_every_head_receives_a_gradient() -> Result<()> {
    let cases: [(&str, &[&str], TargetValues); 6] = [
        (
            r#""classification""#,
            &["a", "b", "c"],
            TargetValues::Classes(vec![0, 2, 1]),
        ),
        (
            r#"{"type": "classification", "dense": "tanh"}"#,
            &["a", "b"],
            TargetValues::Classes(vec![1, 0, 1]),
        ),
        (
            r#""multi-label""#,
            &["a", "b"],
            TargetValues::MultiLabel {
                width: 2,
                values: vec![1., 0., 0., 0., 1., 1.],
            },
        ),
        (
            r#""regression""#,
            &["x", "y"],
            TargetValues::Numbers {
                width: 2,
                values: vec![1., f32::NAN, 0., 2., 3., 1.],
            },
        ),
        (
            r#""token-classification""#,
            &["O", "B-x", "I-x"],
            TargetValues::Tags(vec![0, IGNORED_TAG, 2]),
        ),
        (
            r#""question-answering""#,
            &["start", "end"],
            TargetValues::Spans {
                passages: Offsets::from_lengths([2, 1]),
                bounds: vec![[1, 1], [0, 0]],
            },
        ),
    ];
    for (json, labels, targets) in cases {
        let (head, store) = head(json, labels);
        let scores = head
            .forward(&rows(3)?, &Mode::Train(RandomStream::new(1)))
            .unwrap();
        assert_eq!(scores.dims(), [3, labels.len()]);
        let loss = head.loss(&scores, &targets).unwrap();
        let two = json.contains("token") || json.contains("question");
        assert_eq!(loss.count, if two { 2 } else { 3 });
        let gradients = loss.mean.backward()?;
        for (name, var) in store.vars() {
            let gradient = gradients
                .get(&var)
                .unwrap_or_else(|| panic!("{json}: no gradient for {name}"));
            let size: f32 = gradient.abs()?.sum_all()?.to_scalar()?;
            assert!(size > 0.0, "{json}: {name}");
        }
    }
    Ok(())
}

#[test]
fn targets_of_another_kind_are_refused() -> Result<()> {
    let (head, _) = head(r#""classification""#, &["a", "b"]);
    let scores = head.forward(&rows(1)?, &Mode::Eval).unwrap();
    let message = head
        .loss(&scores, &TargetValues::Tags(vec![0]))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("classification head expects one class"),
        "{message}"
    );
    let answers = head.decode(&scores, None).unwrap();
    assert!(
        head.metrics(&answers, &[&Target::Numbers(vec![1.0])])
            .is_err()
    );
    assert!(
        head.metrics(&answers, &[&Target::Class(0), &Target::Class(1)])
            .is_err()
    );
    Ok(())
}

#[test]
fn a_dense_layer_stands_before_the_map() -> Result<()> {
    let json = r#"{"type": "regression", "dense": "relu"}"#;
    let (head, store) = head(json, &["x"]);
    let value = |name: &str| -> Result<Tensor> {
        let var = store.get(name).expect("a parameter of the head");
        Ok(var.as_tensor().clone())
    };
    let names: Vec<String> = store.vars().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["bias", "dense.bias", "dense.weight", "weight"]);
    let inner = rows(3)?
        .matmul(&value("dense.weight")?.t()?)?
        .broadcast_add(&value("dense.bias")?)?
        .relu()?;
    let expected = inner
        .matmul(&value("weight")?.t()?)?
        .broadcast_add(&value("bias")?)?;
    let found = head.forward(&rows(3)?, &Mode::Eval).unwrap();
    let difference = (found - expected)?.abs()?.max_all()?.to_scalar::<f32>()?;
    assert!(difference < 1e-6, "{difference}");
    Ok(())
}

#[test]
fn dropout_acts_in_training_only() -> Result<()> {
    let (head, _) = head(r#"{"type": "classification", "dropout": 0.5}"#, &["a", "b"]);
    let value = |mode: Mode| {
        head.forward(&rows(4).unwrap(), &mode)
            .unwrap()
            .to_vec2::<f32>()
    };
    assert_eq!(value(Mode::Eval)?, value(Mode::Eval)?);
    let stream = RandomStream::new(1);
    assert_eq!(value(Mode::Train(stream))?, value(Mode::Train(stream))?);
    assert_ne!(value(Mode::Train(stream))?, value(Mode::Eval)?);
    assert_ne!(
        value(Mode::Train(stream))?,
        value(Mode::Train(stream.at(1)))?
    );
    Ok(())
}

#[test]
fn classes_are_probabilities_and_scored() -> Result<()> {
    let (head, _) = head(r#""classification""#, &["a", "b", "c"]);
    let scores = Tensor::new(
        &[[2f32, 0., 0.], [0., 0., 3.], [0., 1., 0.], [9., 0., 0.]],
        &Device::Cpu,
    )?;
    let answers = head.decode(&scores, None).unwrap();
    for answer in &answers {
        let Answer::Class { probabilities, .. } = answer else {
            panic!()
        };
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }
    let targets = [0, 2, 1, 1].map(Target::Class);
    let metrics = head
        .metrics(&answers, &targets.iter().collect::<Vec<_>>())
        .unwrap();
    assert_eq!(metrics.main().unwrap().name, "accuracy");
    assert_eq!(metrics.value("accuracy"), Some(0.75));
    Ok(())
}

#[test]
fn labels_pass_their_threshold() -> Result<()> {
    let (head, _) = head(
        r#"{"type": "multi-label", "threshold": 0.7}"#,
        &["a", "b", "c"],
    );
    // σ(1) = 0.731, σ(0.5) = 0.622
    let scores = Tensor::new(&[[1f32, 0.5, 2.0], [-1., -1., -1.]], &Device::Cpu)?;
    let answers = head.decode(&scores, None).unwrap();
    assert!(matches!(&answers[0], Answer::Labels { labels, .. } if labels == &[0, 2]));
    assert!(matches!(&answers[1], Answer::Labels { labels, .. } if labels.is_empty()));
    let targets = [Target::MultiLabel(vec![0]), Target::MultiLabel(vec![])];
    let metrics = head
        .metrics(&answers, &targets.iter().collect::<Vec<_>>())
        .unwrap();
    // One right, one too many: precision 1/2, recall 1.
    assert!((metrics.main().unwrap().value - 2.0 / 3.0).abs() < 1e-12);
    Ok(())
}

#[test]
fn numbers_come_back_in_the_unit_of_the_file() -> Result<()> {
    let json = r#"{"type": "regression", "shift": [10.0, 0.0], "scale": [2.0, 1.0]}"#;
    let (head, _) = head(json, &["x", "y"]);
    let scores = Tensor::new(&[[1f32, 5.], [0., 6.], [-1., 7.]], &Device::Cpu)?;
    let answers = head.decode(&scores, None).unwrap();
    assert_eq!(
        answers[0],
        Answer::Numbers {
            values: vec![12.0, 5.0]
        }
    );
    // Targets that are exactly the answers have no loss.
    let values = vec![12., 5., 10., 6., 8., 7.];
    let loss = head
        .loss(&scores, &TargetValues::Numbers { width: 2, values })
        .unwrap();
    assert_eq!(loss.mean.to_scalar::<f32>()?, 0.0);
    let targets = [[12., 7.], [10., 6.], [8., f32::NAN]].map(|pair| Target::Numbers(pair.to_vec()));
    let metrics = head
        .metrics(&answers, &targets.iter().collect::<Vec<_>>())
        .unwrap();
    for (name, expected) in [
        ("spearman/x", 1.0),
        ("pearson/y", -1.0),
        ("spearman", 0.0),
        ("rmse/x", 0.0),
    ] {
        let found = metrics.value(name).unwrap();
        assert!((found - expected).abs() < 1e-9, "{name}: {found}");
    }
    Ok(())
}

#[test]
fn tags_are_decoded_within_their_sequence_and_scheme() -> Result<()> {
    let labels = ["O", "B-x", "I-x"];
    let (constrained, _) = head(r#""token-classification""#, &labels);
    let (free, _) = head(
        r#"{"type": "token-classification", "constrained": false}"#,
        &labels,
    );
    let scores = Tensor::new(
        &[[0f32, 1., 2.], [0., 0., 3.], [0.5, 0., 0.6]],
        &Device::Cpu,
    )?;
    let words = Offsets::from_lengths([2, 0, 1]);
    let tags = |head: &dyn TaskHead| -> Vec<Vec<u32>> {
        let answers = head.decode(&scores, Some(&words)).unwrap();
        answers
            .iter()
            .map(|answer| match answer {
                Answer::Tags { tags, .. } => tags.clone(),
                _ => panic!(),
            })
            .collect()
    };
    assert_eq!(tags(free.as_ref()), [vec![2, 2], vec![], vec![2]]);
    // No sequence may begin inside an entity.
    assert_eq!(tags(constrained.as_ref()), [vec![1, 2], vec![], vec![0]]);
    assert!(free.decode(&scores, None).is_err());

    let answers = constrained.decode(&scores, Some(&words)).unwrap();
    let targets = [
        Target::Tags(vec![1, 2]),
        Target::Tags(vec![]),
        Target::Tags(vec![1]),
    ];
    let metrics = constrained
        .metrics(&answers, &targets.iter().collect::<Vec<_>>())
        .unwrap();
    assert_eq!(metrics.main().unwrap().name, "entity_f1");
    assert_eq!(metrics.value("entity_precision"), Some(1.0));
    assert_eq!(metrics.value("entity_recall"), Some(0.5));
    Ok(())
}

#[test]
fn answers_are_spans_of_each_passage_and_scored_as_squad_does() -> Result<()> {
    let labels = ["start", "end"];
    let (head, _) = head(
        r#"{"type": "question-answering", "max_answer_tokens": 2}"#,
        &labels,
    );
    // Two passages of a row for no answer and some tokens.
    let scores = Tensor::new(
        &[[1f32, 1.], [0., 3.], [4., 0.], [0., 5.], [9., 9.], [0., 1.]],
        &Device::Cpu,
    )?;
    let borders = Offsets::from_lengths([4, 2]);
    let answers = head.decode(&scores, Some(&borders)).unwrap();
    let best = |answer: &Answer| match answer {
        Answer::Spans { spans, null } => (spans[0].start, spans[0].end, spans[0].score, *null),
        _ => panic!(),
    };
    assert_eq!(best(&answers[0]), (2, 3, 9.0, 2.0));
    assert_eq!(best(&answers[1]), (1, 1, 1.0, 18.0));
    assert!(head.decode(&scores, None).is_err());
    assert!(
        head.decode(&scores, Some(&Offsets::from_lengths([4])))
            .is_err()
    );

    // As a model places them: bytes of the text.
    let answer = |start, end| Answer::Spans {
        spans: vec![mtnet_heads::SpanScore {
            start,
            end,
            score: 1.0,
        }],
        null: 2.0,
    };
    let target = |answers: &[[usize; 2]]| Target::Spans {
        context: "In the Normandy, Rollo ruled.".into(),
        answers: answers.iter().map(|&[start, end]| start..end).collect(),
    };
    let (answers, targets) = (
        [answer(3, 15), answer(17, 28), answer(0, 2)],
        [
            target(&[[7, 15]]),
            target(&[[17, 22], [23, 28]]),
            target(&[]),
        ],
    );
    let metrics = head
        .metrics(&answers, &targets.iter().collect::<Vec<_>>())
        .unwrap();
    assert_eq!(metrics.main().unwrap().name, "answer_f1");
    // "the Normandy" is "normandy"; one of two words; something where there is nothing.
    let f1 = (1.0 + 2.0 / 3.0) / 3.0;
    assert!((metrics.main().unwrap().value - f1).abs() < 1e-12);
    assert_eq!(metrics.value("exact_match"), Some(1.0 / 3.0));

    // Both halves of a doubled batch, and what has no meaning here.
    let values = TargetValues::Spans {
        passages: borders,
        bounds: vec![[2, 3], [0, 0]],
    };
    let apart = head.divergence(&scores, &scores, &values).unwrap();
    assert_eq!(apart.to_scalar::<f32>()?, 0.0);
    let teacher = head.distillation_loss(&scores, &[0.0; 12], &Default::default());
    assert!(
        teacher
            .unwrap_err()
            .to_string()
            .contains("takes no `teacher`")
    );
    Ok(())
}
