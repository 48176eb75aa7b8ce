//! Damaged files: never a panic, and an error that names file and line.

use mtnet_core::{RandomStream, Split};
use mtnet_data::TargetKind::{Label, Labels, Numbers, Tags};
use mtnet_data::{TaskField, encode_targets, read_split};

use crate::support::{Folder, ask, dataset, fixtures, schemas};

/// Bytes that mean something to some format, and some that mean nothing to any.
const BYTES: &[u8] = b"\t\n\r\"',;{}[]:#=-_|. 0129aON\x00\xFF\xE4\xC3";

fn mutant(bytes: &[u8], random: &mut RandomStream) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() as u32) as usize;
        let byte = BYTES[random.below(BYTES.len() as u32) as usize];
        match random.below(5) {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 if bytes.len() > 1 => drop(bytes.remove(at)),
            3 => bytes.truncate(at.max(1)),
            _ => {
                let until = (at + 1 + random.below(40) as usize).min(bytes.len());
                let piece = bytes[at..until].to_vec();
                let to = random.below(bytes.len() as u32) as usize;
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

#[test]
fn damaged_files_give_examples_or_a_place() {
    let cases: [(&str, &str, &[TaskField]); 7] = [
        (
            "ewt.conllu",
            "format = 'conllu'",
            &[ask("upos", Tags), ask("feats", Tags)],
        ),
        (
            "xsid.zh.conll",
            "format = 'conll'\ncolumns = ['index', 'token', 'intent', 'slot']\nwords = 'characters'",
            &[ask("intent", Label), ask("slot", Tags)],
        ),
        ("wnut17.conll", "format = 'conll'", &[ask("tag", Tags)]),
        ("banking77.csv", "format = 'csv'", &[ask("category", Label)]),
        (
            "asap.csv",
            "format = 'csv'\ntext = 'reviewbody'",
            &[ask("star", Numbers)],
        ),
        (
            "goemotions.tsv",
            "format = 'tsv'\nheader = false\ntext = 0\nlabel_separator = ','",
            &[ask("1", Labels)],
        ),
        (
            "words.jsonl",
            "format = 'jsonl'\ntokens = 'tokens'",
            &[ask("slots", Tags), ask("intent", Label)],
        ),
    ];
    let words = "{\"tokens\":[\"rate\",\"this\"],\"slots\":[\"O\",\"B-x\"],\"intent\":\"Rate\"}\n\
                 {\"tokens\":[\"find\",\"it\"],\"slots\":[\"O\",\"O\"],\"intent\":\"Find\"}\n";
    let folder = Folder::new(&[]);
    let (mut failed, mut placed) = (0, 0);
    for (number, (file, format, requests)) in cases.into_iter().enumerate() {
        let bytes = match file {
            "words.jsonl" => words.as_bytes().to_vec(),
            file => std::fs::read(fixtures().join(file)).unwrap(),
        };
        let config = dataset(&format!("train = 'm'\n{format}"));
        let stream = RandomStream::new(5).at(number as u64);
        for round in 0..400 {
            folder.write("m", &mutant(&bytes, &mut stream.at(round)));
            let read = read_split(&config, Split::Train, requests, folder.path());
            let error = match read {
                Ok(data) => {
                    // What could be read can be encoded, or says why not.
                    let found = schemas(requests, &data);
                    if let Ok(found) = found {
                        assert_eq!(
                            encode_targets(&data, &found).unwrap().len(),
                            data.examples.len()
                        );
                    }
                    continue;
                }
                Err(error) => folder.message(&error),
            };
            failed += 1;
            let after = error.strip_prefix("m:").unwrap_or_default();
            placed += usize::from(after.starts_with(|c: char| c.is_ascii_digit()));
            assert!(error.contains("m:") || error.contains("`m`"), "{error}");
        }
    }
    assert!(failed > 500, "only {failed} of the mutants failed");
    // The rest are fields that the damage renamed everywhere, and files that it emptied.
    assert!(
        placed * 10 > failed * 9,
        "{placed} of {failed} errors name a line"
    );
}
