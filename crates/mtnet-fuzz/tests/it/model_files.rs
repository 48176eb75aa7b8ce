//! R13: mutants of model files never panic, nor take long or much memory, and crafted attacks are
//! refused; everything that does not fit is told in one message. R36: pickles are refused unread.

use std::path::Path;
use std::time::Duration;

use candle_core::Device;
use mtnet_encoders::{EncoderError, PretrainedFolder};
use mtnet_fuzz::targets::{Outcome, target};
use mtnet_fuzz::{Tier, corpus, figure, peak_memory, reset_peak_memory, sweep};
use mtnet_heads::HeadRegistry;
use mtnet_model::{ModelError, ModelFolder};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(600);

#[test]
fn r13_mutants_of_model_files_are_read_or_refused() {
    let mutants = Tier::from_env().pick(200, 2_000, 10_000);
    let (mut lines, mut read) = (Vec::new(), 0);
    for (name, share) in [
        ("model-weights", 2),
        ("model-config", 4),
        ("model-tasks", 4),
    ] {
        let before = reset_peak_memory().then(peak_memory).flatten();
        let sweep = sweep(target(name), 13, 0..mutants / share, LIMIT);
        assert!(sweep.panics.is_empty(), "{name}: {:?}", sweep.panics);
        assert!(sweep.refused > 0, "{sweep:?}");
        read += sweep.read;
        assert_eq!(
            sweep.placed, sweep.refused,
            "{name}: every error names its file"
        );
        let memory = match (before, peak_memory()) {
            (Some(before), Some(peak)) => {
                format!(
                    ", peak memory +{:.1} MiB",
                    (peak - before.min(peak)) as f64 / 1_048_576.0
                )
            }
            _ => String::new(),
        };
        lines.push(format!("{}{memory}", sweep.summary(name)));
    }
    assert!(read > 0, "some damage, as of a weight, cannot be seen");
    for (number, attack) in attacks().into_iter().enumerate() {
        let outcome = (target("model-weights").run)(&attack);
        assert!(
            matches!(outcome, Outcome::Refused { .. }),
            "attack {number}: {outcome:?}"
        );
    }
    lines.push(format!(
        "{} of {} crafted files refused",
        attacks().len(),
        attacks().len()
    ));
    figure("R13", lines.join("; "));
}

/// A safetensors file of a header and so many bytes of data.
fn safetensors(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

/// The files that the format's own attack set describes: huge header, overlap, hole, duplicate key,
/// a shape that overflows, bytes behind the data, and lengths that lie.
fn attacks() -> Vec<Vec<u8>> {
    let tensor = |name: &str, shape: &str, from: u64, to: u64| {
        format!("\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{from},{to}]}}")
    };
    let (a, b) = (tensor("a", "[1]", 0, 4), tensor("b", "[1]", 0, 4));
    let huge = {
        let mut bytes = u64::MAX.to_le_bytes().to_vec();
        bytes.extend(b"{}");
        bytes
    };
    let hundred_megabytes = {
        let mut bytes = 100_000_001_u64.to_le_bytes().to_vec();
        bytes.extend(b"{}");
        bytes
    };
    vec![
        huge,
        hundred_megabytes,
        safetensors(&format!("{{{a},{b}}}"), 4),
        safetensors(&format!("{{{a},{}}}", tensor("b", "[1]", 8, 12)), 12),
        safetensors(&format!("{{{a},{a}}}"), 4),
        safetensors(
            &format!("{{{}}}", tensor("a", "[4294967296,4294967296]", 0, 4)),
            4,
        ),
        safetensors(&format!("{{{}}}", tensor("a", "[2]", 0, 4)), 4),
        safetensors(&format!("{{{}}}", tensor("a", "[1]", 4, 0)), 4),
        safetensors(&format!("{{{a}}}"), 4096),
        safetensors(&format!("{{{a}}}"), 0),
        safetensors("{", 0),
        safetensors("[]", 0),
        Vec::new(),
        vec![0; 7],
    ]
}

fn model(folder: &Path, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Result<(), Box<ModelError>> {
    for (name, target) in [
        ("config.json", "model-config"),
        ("model.safetensors", "model-weights"),
        ("tasks.json", "model-tasks"),
        ("tokenizer.json", "tokenizer"),
    ] {
        let bytes = change(name, corpus(target).swap_remove(0));
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    ModelFolder::open(folder, &HeadRegistry::default(), &Device::Cpu)?;
    Ok(())
}

#[test]
fn all_that_does_not_fit_is_told_in_one_message() {
    let folder = tempfile::tempdir().unwrap();
    model(folder.path(), |_, bytes| bytes).unwrap();
    let mut renamed = Vec::new();
    let error = model(folder.path(), |name, bytes| match name {
        "model.safetensors" => rename_tensors(&bytes),
        "tasks.json" => {
            let mut tasks: Value = serde_json::from_slice(&bytes).unwrap();
            let mut more = tasks["tasks"][0].clone();
            more["name"] = json!("more");
            tasks["tasks"].as_array_mut().unwrap().push(more);
            tasks.to_string().into_bytes()
        }
        _ => bytes,
    })
    .unwrap_err();
    let ModelError::Tensors { problems, .. } = &*error else {
        panic!("{error}");
    };
    renamed.extend(problems.unused.iter().cloned());
    assert_eq!(renamed, ["stranger"]);
    let message = error.to_string();
    for part in [
        "heads.more.",
        "has no place in the model",
        "is missing",
        "stranger",
    ] {
        assert!(message.contains(part), "{part}\n{message}");
    }
    assert!(problems.missing.len() >= 2, "{problems:?}");
}

/// The first tensor gets another name.
fn rename_tensors(bytes: &[u8]) -> Vec<u8> {
    let file = safetensors::SafeTensors::deserialize(bytes).unwrap();
    let mut tensors: Vec<(String, safetensors::tensor::TensorView<'_>)> = file
        .iter()
        .map(|(name, view)| (name.to_owned(), view))
        .collect();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    tensors[0].0 = "stranger".to_owned();
    safetensors::serialize(tensors, None).unwrap()
}

/// Ten ways in which a pickle is handed over, as scanners met them (ReversingLabs 2025, JFrog 2025).
fn pickles() -> [(&'static str, Vec<u8>); 10] {
    const CODE: &[u8] =
        b"\x80\x04\x95\x1d\0\0\0\0\0\0\0\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.";
    let zip = |name: &str, content: &[u8], crc: u32| {
        let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend(crc.to_le_bytes());
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(name.bytes());
        bytes.extend(content);
        bytes
    };
    let mut tar = vec![0; 512];
    tar[..8].copy_from_slice(b"data.pkl");
    tar[257..262].copy_from_slice(b"ustar");
    tar.extend(CODE);
    let inner = zip("data.pkl", CODE, 0);
    [
        ("protocol 4", CODE.to_vec()),
        ("protocol 0", b"cposix\nsystem\n(S'true'\ntR.".to_vec()),
        ("torch archive", zip("archive/data.pkl", CODE, 0)),
        ("7z", [b"7z\xBC\xAF\x27\x1C", CODE].concat()),
        ("bad checksum", zip("archive/data.pkl", CODE, 0xDEAD_BEEF)),
        ("nested archive", zip("inner.zip", &inner, 0)),
        ("tar", tar),
        ("gzip", [b"\x1F\x8B\x08\0", CODE].concat()),
        ("array of objects", [b"\x93NUMPY\x01\0", CODE].concat()),
        (
            "pickle behind a header",
            safetensors(&String::from_utf8_lossy(CODE), 4),
        ),
    ]
}

#[test]
fn r36_pickles_are_refused_and_nothing_of_them_is_run() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in pickles() {
        let error = model(folder.path(), |file, whole| match file {
            "model.safetensors" => bytes.clone(),
            _ => whole,
        })
        .expect_err(name);
        let message = error.to_string();
        assert!(message.contains("model.safetensors"), "{name}: {message}");
        assert!(
            matches!(
                *error,
                ModelError::Encoder(
                    EncoderError::Foreign { .. } | EncoderError::Safetensors { .. }
                )
            ),
            "{name}: {message}"
        );
        // The same under its own name, beside a configuration.
        let pretrained = tempfile::tempdir().unwrap();
        let config = corpus("encoder-config").swap_remove(0);
        std::fs::write(pretrained.path().join("config.json"), config).unwrap();
        std::fs::write(pretrained.path().join("pytorch_model.bin"), &bytes).unwrap();
        let opened = PretrainedFolder::open(pretrained.path()).unwrap();
        let error = opened.weights(opened.spec(), &Device::Cpu).unwrap_err();
        assert!(error.to_string().contains("pickle"), "{name}: {error}");
    }
    figure(
        "R36",
        "10 of 10 files with pickles refused, none interpreted",
    );
}
