//! The random field against its reference, brute force and its own rules.

use candle_core::{DType, Device, Tensor, Var};
use mtnet_losses::{CrfReduction, IGNORED_LABEL, LinearChainCrf, LossError};

use crate::gradients::assert_gradient;
use crate::oracle::{PRECISIONS, cases, flatten};
use crate::support::{assert_close, entries, gradient, matrix, scalar, spread};

#[test]
fn likelihood_decoding_and_partition_are_those_of_pytorch_crf() -> Result<(), LossError> {
    for case in cases("linear_chain_crf") {
        for dtype in PRECISIONS {
            let emissions = case.var("emissions", dtype);
            let (batch, steps, tags) = emissions.dims3()?;
            let mask = case.input("mask").expect("a mask");
            // The reference pads; we lay the real steps end to end.
            let real: Vec<u32> = (0..)
                .zip(&mask)
                .filter(|(_, m)| **m == 1.)
                .map(|(row, _)| row)
                .collect();
            let lengths = mask.chunks(steps).map(|row| row.iter().sum::<f64>() as u32);
            let mut offsets = vec![0];
            offsets.extend(lengths.scan(0, |end, length| {
                *end += length;
                Some(*end)
            }));
            assert_eq!(offsets.len(), batch + 1);
            let rows = Tensor::new(real.as_slice(), &Device::Cpu)?;
            let packed = emissions
                .reshape((batch * steps, tags))?
                .index_select(&rows, 0)?;
            let padded_tags = case.input("tags").expect("tags");
            let targets: Vec<u32> = real
                .iter()
                .map(|&row| padded_tags[row as usize] as u32)
                .collect();

            let (transitions, start, end) = (
                case.var("transitions", dtype),
                case.var("start", dtype),
                case.var("end", dtype),
            );
            let crf = LinearChainCrf::new(&transitions, &start, &end)?;
            let reduction = match case.reduction() {
                "none" => CrfReduction::None,
                "sum" => CrfReduction::Sum,
                "mean" => CrfReduction::SequenceMean,
                "token_mean" => CrfReduction::TokenMean,
                other => panic!("unknown reduction {other}"),
            };
            let loss = crf.negative_log_likelihood(&packed, &offsets, &targets, reduction)?;
            case.check(
                &loss,
                &[
                    ("emissions", &emissions),
                    ("transitions", &transitions),
                    ("start", &start),
                    ("end", &end),
                ],
            );
            let tolerance = case.tolerance(dtype);
            let partition = crf.log_partition(&packed, &offsets)?;
            assert_close(
                &partition,
                &flatten(case.extra("logz")),
                tolerance,
                &case.name,
            );
            let paths = crf.decode(&packed, &offsets)?;
            let scores: Vec<f64> = paths.iter().map(|path| path.score).collect();
            assert_close(
                &scores,
                &flatten(case.extra("best_score")),
                tolerance,
                &case.name,
            );
            let decoded: Vec<f64> = paths
                .iter()
                .flat_map(|path| path.tags.iter().map(|&tag| f64::from(tag)))
                .collect();
            assert_eq!(decoded, flatten(case.extra("decode")), "{}", case.name);
        }
    }
    Ok(())
}

/// A field of `tags` tags with scores up to `size`, as variables in `f64`.
struct Field {
    transitions: Var,
    start: Var,
    end: Var,
}

impl Field {
    fn new(tags: usize, size: f64) -> Self {
        let var = |values: Vec<f64>, dims: &[usize]| {
            Tensor::from_vec(values, dims, &Device::Cpu)
                .and_then(|tensor| Var::from_tensor(&tensor))
                .expect("as many values as the shape holds")
        };
        Self {
            transitions: var(spread(tags * tags, size, 1), &[tags, tags]),
            start: var(spread(tags, size, 2), &[tags]),
            end: var(spread(tags, size, 3), &[tags]),
        }
    }

    fn crf(&self) -> LinearChainCrf {
        LinearChainCrf::new(&self.transitions, &self.start, &self.end).expect("a proper field")
    }

    /// Score of one path, straight from the definition.
    fn score(&self, emissions: &[Vec<f64>], path: &[usize]) -> f64 {
        let (start, end) = (entries(&self.start), entries(&self.end));
        let transitions = entries(&self.transitions);
        let emitted: f64 = path.iter().zip(emissions).map(|(tag, row)| row[*tag]).sum();
        let moved: f64 = path
            .windows(2)
            .map(|pair| transitions[pair[0] * start.len() + pair[1]])
            .sum();
        start[path[0]] + emitted + moved + end[path[path.len() - 1]]
    }
}

/// Every path of `steps` tags out of `tags`.
fn all_paths(steps: usize, tags: usize) -> Vec<Vec<usize>> {
    (0..steps).fold(vec![vec![]], |paths, _| {
        paths
            .iter()
            .flat_map(|path| (0..tags).map(move |tag| [path.as_slice(), &[tag]].concat()))
            .collect()
    })
}

fn log_sum_exp(scores: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = scores.clone().fold(f64::NEG_INFINITY, f64::max);
    top + scores.map(|score| (score - top).exp()).sum::<f64>().ln()
}

#[test]
fn a_missing_tag_stands_for_every_tag() -> Result<(), LossError> {
    let field = Field::new(3, 2.);
    let rows: Vec<Vec<f64>> = spread(12, 3., 4).chunks(3).map(<[f64]>::to_vec).collect();
    let borrowed: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let emissions = matrix(&borrowed, DType::F64);
    let targets = [1, IGNORED_LABEL, IGNORED_LABEL, 2];
    let loss =
        field
            .crf()
            .negative_log_likelihood(&emissions, &[0, 4], &targets, CrfReduction::Sum)?;

    let paths = all_paths(4, 3);
    let agreeing = paths.iter().filter(|path| path[0] == 1 && path[3] == 2);
    let score = |path: &Vec<usize>| field.score(&rows, path);
    let expected = log_sum_exp(paths.iter().map(score)) - log_sum_exp(agreeing.map(score));
    assert_close(&[scalar(&loss)], &[expected], 1e-12, "partial path");
    Ok(())
}

#[test]
fn the_best_path_is_the_best_of_all() -> Result<(), LossError> {
    let field = Field::new(3, 2.);
    for seed in 10..30 {
        let rows: Vec<Vec<f64>> = spread(15, 3., seed)
            .chunks(3)
            .map(<[f64]>::to_vec)
            .collect();
        let borrowed: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let best = &field
            .crf()
            .decode(&matrix(&borrowed, DType::F64), &[0, 5])?[0];
        let (path, score) = all_paths(5, 3)
            .into_iter()
            .map(|path| (path.clone(), field.score(&rows, &path)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b))
            .expect("some path");
        let tags: Vec<usize> = best.tags.iter().map(|&tag| tag as usize).collect();
        assert_eq!(tags, path);
        assert_close(&[best.score], &[score], 1e-12, "best score");
    }
    Ok(())
}

#[test]
fn of_equal_paths_the_lowest_tags_win() -> Result<(), LossError> {
    let zeros = |dims: &[usize]| Tensor::zeros(dims, DType::F32, &Device::Cpu);
    let crf = LinearChainCrf::new(&zeros(&[2, 2])?, &zeros(&[2])?, &zeros(&[2])?)?;
    let paths = crf.decode(&zeros(&[3, 2])?, &[0, 3])?;
    assert_eq!(paths[0].tags, [0, 0, 0]);
    Ok(())
}

#[test]
fn gradients_agree_with_finite_differences_where_tags_are_missing() -> Result<(), LossError> {
    let field = Field::new(3, 1.);
    let emissions = Tensor::from_vec(spread(21, 2., 5), (7, 3), &Device::Cpu)?;
    let targets = [0, IGNORED_LABEL, 2, IGNORED_LABEL, IGNORED_LABEL, 1, 1];
    let inputs = [
        emissions,
        field.transitions.as_tensor().clone(),
        field.start.as_tensor().clone(),
        field.end.as_tensor().clone(),
    ];
    for reduction in [
        CrfReduction::None,
        CrfReduction::SequenceMean,
        CrfReduction::TokenMean,
    ] {
        assert_gradient(&inputs, |inputs| {
            let crf = LinearChainCrf::new(&inputs[1], &inputs[2], &inputs[3])?;
            let loss =
                crf.negative_log_likelihood(&inputs[0], &[0, 3, 5, 7], &targets, reduction)?;
            // Different weights tell whether each sequence has its own gradient.
            Ok(match reduction {
                CrfReduction::None => loss
                    .mul(&Tensor::new(&[1., -2., 3.], &Device::Cpu)?)?
                    .sum_all()?,
                _ => loss,
            })
        });
    }
    Ok(())
}

#[test]
fn a_sequence_alone_and_among_others_has_the_same_loss() -> Result<(), LossError> {
    let crf = Field::new(4, 1.).crf();
    let emissions = Tensor::from_vec(spread(24, 2., 6), (6, 4), &Device::Cpu)?;
    let targets = [0, 1, 2, 3, 0, 1];
    let offsets = [0, 2, 2, 6];
    let together =
        crf.negative_log_likelihood(&emissions, &offsets, &targets, CrfReduction::None)?;
    let alone: Vec<f64> = [0..2, 2..2, 2..6]
        .into_iter()
        .map(|rows: std::ops::Range<usize>| {
            let part = emissions.narrow(0, rows.start, rows.len())?;
            let offsets = [0, rows.len() as u32];
            let sum = CrfReduction::Sum;
            let loss = crf.negative_log_likelihood(&part, &offsets, &targets[rows], sum)?;
            Ok(scalar(&loss))
        })
        .collect::<Result<_, LossError>>()?;
    assert_eq!(entries(&together), alone);
    assert_eq!(alone[1], 0., "an empty sequence");
    assert_eq!(crf.decode(&emissions, &offsets)?[1].tags, [0u32; 0]);
    Ok(())
}

#[test]
fn without_any_tag_loss_and_gradients_are_zero() -> Result<(), LossError> {
    let field = Field::new(2, 1.);
    let emissions = matrix(&[&[3., -1.], &[0.5, 2.]], DType::F64);
    let targets = [IGNORED_LABEL; 2];
    for (reduction, size) in [
        (CrfReduction::TokenMean, 1),
        (CrfReduction::SequenceMean, 1),
        (CrfReduction::Sum, 1),
        (CrfReduction::None, 2),
    ] {
        let loss =
            field
                .crf()
                .negative_log_likelihood(&emissions, &[0, 1, 2], &targets, reduction)?;
        assert_eq!(entries(&loss), vec![0.; size]);
        assert_eq!(gradient(&loss, &emissions), [0.; 4]);
        assert_eq!(gradient(&loss, &field.transitions), [0.; 4]);
        assert_eq!(gradient(&loss, &field.start), [0.; 2]);
    }
    let nothing = Tensor::zeros((0, 2), DType::F64, &Device::Cpu)?;
    for offsets in [[0].as_slice(), &[0, 0]] {
        let loss =
            field
                .crf()
                .negative_log_likelihood(&nothing, offsets, &[], CrfReduction::TokenMean)?;
        assert_eq!(scalar(&loss), 0.);
    }
    Ok(())
}

#[test]
fn forbidden_transitions_and_huge_emissions_keep_it_finite() -> Result<(), LossError> {
    // Tag 1 cannot follow tag 0, yet the second step asks for it with all its might.
    for dtype in PRECISIONS {
        let transitions = matrix(&[&[0., -1e4], &[0., 0.]], dtype);
        let ends = Tensor::zeros(2, dtype, &Device::Cpu)?;
        let crf = LinearChainCrf::new(&transitions, &ends, &ends)?;
        let emissions = matrix(&[&[1e4, -1e4], &[-4e3, 4e3], &[-1e4, 1e4]], dtype);
        let sum = CrfReduction::Sum;
        let loss = crf.negative_log_likelihood(&emissions, &[0, 3], &[0, 0, 0], sum)?;
        // Best is 0, 1, 1 with 2e4 - 1e4 + 4e3; the target scores 1e4 - 4e3 - 1e4.
        assert_close(&[scalar(&loss)], &[18_000.], 1e-6, "loss");
        let expected = [0., 0., -1., 1., -1., 1.];
        assert_close(&gradient(&loss, &emissions), &expected, 1e-6, "emissions");
        let expected = [-2., 1., 0., 1.];
        assert_close(
            &gradient(&loss, &transitions),
            &expected,
            1e-6,
            "transitions",
        );
        assert_eq!(crf.decode(&emissions, &[0, 3])?[0].tags, [0, 1, 1]);
    }
    Ok(())
}

#[test]
fn what_is_no_chain_is_refused() -> Result<(), LossError> {
    let zeros = |dims: &[usize]| Tensor::zeros(dims, DType::F32, &Device::Cpu);
    let square = LinearChainCrf::new(&zeros(&[2, 3])?, &zeros(&[2])?, &zeros(&[2])?);
    assert_eq!(
        square.expect_err("not square").to_string(),
        "transition scores have shape [2, 3], expected (tags, tags) with at least one tag"
    );
    let crf = LinearChainCrf::new(&zeros(&[2, 2])?, &zeros(&[2])?, &zeros(&[2])?)?;
    let message = |emissions: &Tensor, offsets: &[u32], targets: &[u32]| {
        crf.negative_log_likelihood(emissions, offsets, targets, CrfReduction::Sum)
            .expect_err("a wrong argument")
            .to_string()
    };
    let emissions = zeros(&[2, 2])?;
    assert_eq!(
        message(&emissions, &[0, 3], &[0, 0]),
        "sequence offsets [0, 3] do not cut 2 rows, expected to start at 0, never to fall and to end at 2"
    );
    assert!(message(&emissions, &[0, 2], &[0, 5]).contains("row 1 is class 5"));
    assert!(message(&zeros(&[2, 3])?, &[0, 2], &[0, 0]).contains("[2, 3]"));
    let broken = Tensor::new(&[[0f32, 0.], [0., f32::NAN]], &Device::Cpu)?;
    assert_eq!(
        message(&broken, &[0, 2], &[0, 0]),
        "emissions: row 1 holds a value that is not finite"
    );
    Ok(())
}
