//! `calibrate`: a temperature for a folder that has none.

use serde_json::Value;

use crate::workplace::{Workplace, copy_model};

/// Every fourth request is called by the other name, so that no answer can be certain.
fn doubtful(workplace: &Workplace) {
    let lines = (0..80).map(|number| {
        let (word, other) = match number % 2 {
            0 => ("play", "book"),
            _ => ("book", "play"),
        };
        let intent = if number % 4 == 3 { other } else { word };
        format!("{{\"tokens\": [\"{word}\", \"Adele\"], \"intent\": \"{intent}\"}}\n")
    });
    workplace.write("dev.jsonl", lines.collect::<String>());
}

fn answer(workplace: &Workplace) -> Value {
    let line = workplace.mtnet(&["predict", "model", "play Adele"]).ok();
    serde_json::from_str(&line).expect("JSON")
}

#[test]
fn a_folder_is_calibrated_on_development_data() {
    let workplace = Workplace::new();
    // Learned by heart, and without a temperature: the four examples of dev are too few for one.
    let train = ["train", "run.toml", "--output", "run", "train.max_steps=40"];
    let faster = ["train.learning_rate=5e-3"];
    workplace.mtnet(&[&train[..], &faster].concat()).ok();
    std::fs::rename(workplace.path("run/model"), workplace.path("model")).unwrap();
    doubtful(&workplace);
    let before = answer(&workplace);
    let files = |name: &str| std::fs::read(workplace.path(&format!("model/{name}"))).unwrap();
    let weights = files("model.safetensors");

    let args = ["calibrate", "model", "--data", "run.toml"];
    let told = workplace.mtnet(&args).ok();
    assert!(told.contains("| intent |"), "{told}");
    let json = workplace.mtnet(&[&args[..], &["--json"]].concat()).ok();
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let found = &json["calibration"]["intent"];
    let temperature = found["temperature"].as_f64().unwrap();
    assert_eq!(found["examples"], 80);
    assert!(found["after"]["log_loss"].as_f64() < found["before"]["log_loss"].as_f64());

    assert!(weights == files("model.safetensors"));
    let info = workplace.mtnet(&["info", "model"]).ok();
    assert!(info.contains(&format!("{temperature:.3}")), "{info}");
    let after = answer(&workplace);
    assert_eq!(before["intent"]["label"], after["intent"]["label"]);
    assert_ne!(before["intent"]["score"], after["intent"]["score"]);
    assert_eq!(before["slots"], after["slots"]);
}

#[test]
fn data_that_cannot_tell_leaves_the_folder_as_it_was() {
    let workplace = Workplace::new();
    copy_model(&workplace);
    let tasks = || std::fs::read(workplace.path("model/tasks.json")).unwrap();
    let before = tasks();
    let args = ["calibrate", "model", "--data", "run.toml"];
    let message = workplace.mtnet(&args).refused(3);
    assert!(
        message.contains("at least 30 labelled rows") && message.contains("left as it was"),
        "{message}"
    );
    workplace.change_run("dev = \"dev.jsonl\"\n", "");
    let message = workplace.mtnet(&args).refused(2);
    assert!(message.contains("no data set has a dev split"), "{message}");
    assert!(before == tasks());
}
