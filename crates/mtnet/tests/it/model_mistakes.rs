//! Model folders that are not whole: each has one message with the file, and exit code 3.

use std::fs;

use serde_json::Value;

use crate::workplace::{Workplace, copy_model, snapshot};

fn edit_json(workplace: &Workplace, name: &str, edit: impl Fn(&mut Value)) {
    let path = workplace.path(name);
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

type Damage = fn(&Workplace);

const DAMAGES: [(&str, &str, Damage); 8] = [
    ("no weights", "model.safetensors", |workplace| {
        fs::remove_file(workplace.path("model/model.safetensors")).unwrap();
    }),
    ("weights cut short", "model.safetensors", |workplace| {
        let path = workplace.path("model/model.safetensors");
        let bytes = fs::read(&path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }),
    (
        "another width than the weights have",
        "model",
        |workplace| {
            edit_json(workplace, "model/config.json", |config| {
                config["hidden_size"] = 48.into()
            });
        },
    ),
    (
        "a model type that is not built",
        "config.json",
        |workplace| {
            edit_json(workplace, "model/config.json", |config| {
                config["model_type"] = "gpt9".into()
            });
        },
    ),
    ("a task without its tensors", "heads.more", |workplace| {
        edit_json(workplace, "model/tasks.json", |tasks| {
            let mut more = tasks["tasks"][0].clone();
            more["name"] = "more".into();
            tasks["tasks"].as_array_mut().unwrap().push(more);
        });
    }),
    ("a later format", "tasks.json", |workplace| {
        edit_json(workplace, "model/tasks.json", |tasks| {
            tasks["format_version"] = 99.into()
        });
    }),
    ("tasks that are no JSON", "tasks.json", |workplace| {
        workplace.write("model/tasks.json", "{\"tasks\": [")
    }),
    ("a tokenizer that is none", "tokenizer.json", |workplace| {
        workplace.write("model/tokenizer.json", "{}")
    }),
];

#[test]
fn every_damage_is_named() {
    let mut cases = Vec::new();
    for (name, expected, damage) in DAMAGES {
        let workplace = Workplace::new();
        copy_model(&workplace);
        damage(&workplace);
        let message = workplace
            .mtnet(&["predict", "model", "play Adele"])
            .refused(3);
        assert!(message.contains(expected), "{name}: {expected}\n{message}");
        cases.push((name.to_owned(), 3, message));
    }
    insta::assert_snapshot!(snapshot(cases));
}

#[test]
fn a_folder_that_is_no_model_says_what_a_model_holds() {
    let workplace = Workplace::new();
    for command in [
        &["predict", "gone", "text"][..],
        &["info", "gone"],
        &["eval", "gone", "--data", "run.toml"],
    ] {
        let message = workplace.mtnet(command).refused(3);
        assert!(
            message.contains("gone") && message.contains("tokenizer.json"),
            "{message}"
        );
    }
}
