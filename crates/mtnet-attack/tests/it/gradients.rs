//! The gradient at the words of a text against the gradient of the embedding table.

use candle_core::Tensor;
use mtnet_attack::WhiteBox;
use mtnet_core::{InputText, Segment, Target};
use mtnet_heads::HeadRegistry;
use mtnet_kernels::Mode;
use mtnet_model::ModelFolder;
use mtnet_text::{EncodeOptions, PackItem, pack};

use crate::victims::{Kind, model, task};

/// A text with a word that stands in it twice.
const TEXT: &str = "great music and great food near the river";

fn target(name: &str) -> Target {
    match name {
        "mood" => Target::Class(1),
        "topics" => Target::MultiLabel(vec![0, 2]),
        "stars" => Target::Numbers(vec![0.7]),
        _ => Target::Tags(vec![0, 1, 2, 0, 1, 0, 0, 2]),
    }
}

fn input() -> InputText {
    InputText::Single(Segment::from_words(
        &TEXT.split(' ').collect::<Vec<_>>(),
        " ",
    ))
}

/// Ids of the text and the table's gradient `(pieces, embedding)`, by the model's own graph.
fn of_table(folder: &ModelFolder, name: &str) -> (Vec<u32>, Tensor) {
    let options = EncodeOptions {
        max_length: 48,
        windows: true,
        overlap: None,
    };
    let encoded = folder.tokenizer.encode(&input(), &options).unwrap();
    let (name, target) = (task(name), target(name));
    let item = PackItem {
        example: 0,
        window: &encoded.windows[0],
        first: true,
        targets: vec![(&name, &target)],
    };
    let widths = folder
        .model
        .tasks()
        .iter()
        .map(|task| (task.spec.name.clone(), task.spec.labels.len()));
    let batch = pack(&[item], &widths.collect());
    let loss = folder.model.losses(&batch, &Mode::Eval).unwrap();
    let loss = loss.into_iter().flatten().next().unwrap();
    let vars = folder.model.parameters().vars();
    let (_, table) = vars
        .iter()
        .find(|(name, _)| name.contains("word_embeddings"))
        .unwrap();
    let gradients = loss.mean.backward().unwrap();
    (
        batch.input_ids.clone(),
        gradients.get(table).unwrap().clone(),
    )
}

#[test]
fn places_add_up_to_the_gradient_of_the_table() {
    for kind in [Kind::Window, Kind::Transformer] {
        let folder = model(kind);
        for name in ["mood", "topics", "stars", "tags"] {
            let white_box = WhiteBox::new(&folder, &task(name), &HeadRegistry::default()).unwrap();
            let places = white_box.gradient(&input(), &target(name)).unwrap();
            let (ids, table) = of_table(&folder, name);
            assert_eq!(places.len(), ids.len());
            let table = table.to_vec2::<f32>().unwrap();
            let largest = table
                .iter()
                .flatten()
                .fold(0f32, |most, x| most.max(x.abs()));
            assert!(largest > 1e-6, "{kind:?} {name}");
            for (id, expected) in table.iter().enumerate() {
                for (column, &expected) in expected.iter().enumerate() {
                    let at = ids
                        .iter()
                        .zip(&places)
                        .filter(|(place, _)| **place as usize == id);
                    let sum: f32 = at.map(|(_, row)| row[column]).sum();
                    assert!(
                        (sum - expected).abs() <= 1e-5 * largest,
                        "{kind:?} {name} {sum} {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn two_places_of_a_word_have_gradients_of_their_own() {
    let folder = model(Kind::Window);
    let white_box = WhiteBox::new(&folder, &task("mood"), &HeadRegistry::default()).unwrap();
    let (ids, _) = of_table(&folder, "mood");
    let places = white_box.gradient(&input(), &target("mood")).unwrap();
    let again = ids.iter().enumerate().find_map(|(first, id)| {
        let second = ids.iter().skip(first + 1).position(|other| other == id)?;
        Some((first, first + 1 + second))
    });
    let (first, second) = again.expect("a word that stands there twice");
    assert_ne!(places[first], places[second]);
}

#[test]
fn a_task_that_is_not_there_is_told() {
    let folder = model(Kind::Window);
    let error = WhiteBox::new(&folder, &task("nothing"), &HeadRegistry::default()).unwrap_err();
    assert!(error.to_string().contains("no task `nothing`"), "{error}");
}
