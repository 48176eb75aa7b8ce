//! The table parser against the csv crate: what one writes the other reads.

use mtnet_core::RawTarget;
use mtnet_data::TargetKind::Label;
use proptest::prelude::*;

use crate::support::{Folder, ask, target, text};

proptest! {
    #[test]
    fn quoted_tables_read_as_written(
        rows in prop::collection::vec(("[a\",;\\r\\n é今👍\t]{0,12}", "[a-z\"]{1,4}"), 1..8),
        windows in any::<bool>(),
        mark in any::<bool>(),
    ) {
        let terminator = if windows { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(["text", "label"]).unwrap();
        for (text, label) in &rows {
            writer.write_record([text, label]).unwrap();
        }
        let mut bytes = if mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
        bytes.extend(writer.into_inner().unwrap());
        let folder = Folder::new(&[]);
        folder.write("a.csv", &bytes);
        let data = folder.train("format = 'csv'\ntrain = 'a.csv'", &[ask("label", Label)]);
        prop_assert_eq!(data.examples.len(), rows.len());
        for (example, (expected, label)) in rows.iter().enumerate() {
            prop_assert_eq!(text(&data, example), expected);
            prop_assert_eq!(target(&data, example, "label"), Some(&RawTarget::Label(label.clone())));
        }
    }

    #[test]
    fn plain_tables_read_as_split(
        rows in prop::collection::vec(("[a\"', é今👍]{0,12}", "[a-z\"]{1,4}"), 1..8),
    ) {
        let lines: Vec<String> = rows.iter().map(|(text, label)| format!("{text}\t{label}")).collect();
        let folder = Folder::new(&[("a.tsv", &format!("text\tlabel\n{}", lines.join("\n")))]);
        let data = folder.train("format = 'tsv'\ntrain = 'a.tsv'", &[ask("label", Label)]);
        for (example, (expected, label)) in rows.iter().enumerate() {
            prop_assert_eq!(text(&data, example), expected);
            prop_assert_eq!(target(&data, example, "label"), Some(&RawTarget::Label(label.clone())));
            prop_assert_eq!(data.examples[example].line, example + 2);
        }
    }
}

#[test]
fn a_quoted_line_break_moves_the_lines_behind_it() {
    let folder = Folder::new(&[(
        "a.csv",
        "\u{feff}text,label\r\n\"两行\r\n评论，\"\"好\"\"\",1\r\n下一个,2\r\n",
    )]);
    let data = folder.train("format = 'csv'\ntrain = 'a.csv'", &[ask("label", Label)]);
    assert_eq!(text(&data, 0), "两行\r\n评论，\"好\"");
    let lines: Vec<usize> = data.examples.iter().map(|example| example.line).collect();
    assert_eq!(lines, [2, 4]);
}
