//! Rule: no file names a folder of somebody's machine.

use super::finding::Finding;
use super::tree::Tree;

/// Folders below `/` under which a machine keeps its people's work.
const FOLDERS: [&str; 4] = ["home", "root", "Users", "work"];

/// Judges every text file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(path) = machine_path(line) {
                findings.push(Finding::error(
                    &file.path,
                    index + 1,
                    format!("a path of one machine: `{path}`"),
                    "use a path relative to the workspace, or a placeholder such as DIR",
                ));
            }
        }
    }
    findings
}

/// The first absolute path into one of [`FOLDERS`], up to the name below it.
fn machine_path(line: &str) -> Option<&str> {
    line.match_indices('/').find_map(|(start, _)| {
        // Inside an address or a relative path the same letters mean nothing.
        if line[..start].ends_with(|before: char| is_name(before) || before == '/') {
            return None;
        }
        let rest = &line[start + 1..];
        let (folder, below) = rest.split_once('/')?;
        let name = below.find(|char| !is_name(char)).unwrap_or(below.len());
        let known = FOLDERS.contains(&folder) && name > 0;
        known.then(|| &line[start..start + 1 + folder.len() + 1 + name])
    })
}

fn is_name(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | '~' | '}' | '>')
}

#[cfg(test)]
mod tests {
    use super::super::tree::TextFile;
    use super::*;

    /// A path that this file must not hold in one piece.
    fn absolute(folder: &str, below: &str) -> String {
        format!("/{folder}/{below}")
    }

    #[test]
    fn machine_paths_are_found_in_any_text() {
        for folder in FOLDERS {
            let text = format!("a\nsee \"{}\".", absolute(folder, "jane/data.json"));
            let findings = check(&Tree {
                files: vec![TextFile::new("docs/a.md", text)],
            });
            assert_eq!(findings.len(), 1, "{folder}");
            assert_eq!(findings[0].line, 2);
            assert!(
                findings[0]
                    .what
                    .ends_with(&format!("`{}`", absolute(folder, "jane")))
            );
        }
    }

    #[test]
    fn addresses_placeholders_and_relative_paths_pass() {
        for line in [
            format!("https://example.org{}", absolute("home", "page")),
            format!("docs{}", absolute("work", "plan.md")),
            format!("..{}", absolute("root", "x")),
            format!("${{DIR}}{}", absolute("work", "x")),
            absolute("home", "<name>/"),
            absolute("root", ""),
            "/homepage/x and /rooted/y".to_owned(),
        ] {
            assert_eq!(machine_path(&line), None, "{line}");
        }
    }
}
