//! Encoders in bf16 and int8: who can, how near they come, and what is said where they cannot.

use mtnet_encoders::{EncoderInput, EncoderSpec};
use mtnet_kernels::{Mode, Precision, Wanted};

use crate::support::{build, every_spec, input, numbers};

fn batch() -> EncoderInput {
    input(&[vec![5, 6, 7, 8], vec![9], (10..33).collect()], None)
}

#[test]
fn transformers_on_a_cpu_can_and_windows_say_that_they_cannot() {
    for (name, spec) in every_spec() {
        let (mut encoder, _) = build(&spec, 5);
        let exact = numbers(&encoder.encode(&batch(), Wanted::All).unwrap());
        for precision in [Precision::Bf16, Precision::Int8] {
            let set = encoder.set_precision(precision);
            if let EncoderSpec::MtNet(_) = spec {
                let message = set.unwrap_err().to_string();
                assert!(
                    message.contains(&format!("compute in {precision};")),
                    "{message}"
                );
                assert_eq!(encoder.precision(), Precision::F32);
                continue;
            }
            set.unwrap();
            assert_eq!(encoder.precision(), precision);
            let rounded = numbers(&encoder.encode(&batch(), Wanted::All).unwrap());
            assert_ne!(rounded, exact, "{name} in {precision}");
            let apart = exact.iter().zip(&rounded).map(|(a, b)| (a - b).powi(2));
            let apart = apart.sum::<f32>().sqrt() / exact.iter().map(|x| x * x).sum::<f32>().sqrt();
            assert!(apart < 0.05, "{name} in {precision}: apart by {apart}");
        }
        encoder.set_precision(Precision::F32).unwrap();
        let again = numbers(&encoder.encode(&batch(), Wanted::All).unwrap());
        assert_eq!(again, exact, "{name}");
    }
}

#[test]
fn a_pass_in_bf16_is_near_and_one_in_int8_is_refused() {
    let (mut encoder, _) = build(&every_spec().swap_remove(0).1, 5);
    encoder.set_precision(Precision::Bf16).unwrap();
    let pass = encoder.pass(&batch(), &Mode::Eval).unwrap();
    let answers = encoder.encode(&batch(), Wanted::All).unwrap();
    assert_eq!(numbers(pass.hidden()), numbers(&answers));

    encoder.set_precision(Precision::Int8).unwrap();
    let error = encoder.pass(&batch(), &Mode::Eval).unwrap_err().to_string();
    assert!(error.contains("train in f32 or bf16"), "{error}");
}

#[test]
fn wanted_rows_are_those_among_all() {
    for (name, spec) in every_spec() {
        let (encoder, _) = build(&spec, 5);
        let all = encoder.encode(&batch(), Wanted::All).unwrap();
        let firsts = encoder.encode(&batch(), Wanted::Rows(&[0, 4, 5])).unwrap();
        for row in [0, 4, 5] {
            let row_of = |rows: &candle_core::Tensor| numbers(&rows.narrow(0, row, 1).unwrap());
            assert_eq!(row_of(&firsts), row_of(&all), "{name}, row {row}");
        }
    }
}
