//! Where each setting of a run file stands, by its path: `train.epochs`, `task.0.label`.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::overrides::entry_name;
use super::source::{Place, Source};

/// Positions of all values of a run file.
#[derive(Clone, Debug)]
pub(in super::super) struct Places {
    source: Source,
    spans: BTreeMap<String, Range<usize>>,
    /// Names of the entries of lists: `intent` at `task.0`.
    names: BTreeMap<String, String>,
}

impl Places {
    /// Notes where the values of `root` stand in `source`.
    pub fn new(source: Source, root: &DeTable<'_>) -> Self {
        let mut places = Self {
            source,
            spans: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        for (key, value) in root {
            places.note(key.get_ref().to_string(), value);
        }
        places
    }

    fn note(&mut self, path: String, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    self.note(format!("{path}.{}", key.get_ref()), value);
                }
            }
            DeValue::Array(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    let path = format!("{path}.{index}");
                    if let Some(name) = entry_name(entry.get_ref()) {
                        self.names.insert(path.clone(), name.to_owned());
                    }
                    self.note(path, entry);
                }
            }
            _ => {}
        }
        self.spans.insert(path, value.span());
    }

    /// Where the setting stands, or the nearest table around it that is written down.
    pub fn find(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(span) = self.spans.get(path) {
                return self.source.place(span);
            }
            match path.rsplit_once('.') {
                Some((parent, _)) => path = parent,
                None => return self.file(),
            }
        }
    }

    /// The key of the innermost value around a range of positions, entries of lists by their
    /// names: `task.intent.head`. Empty for the whole file.
    pub fn innermost(&self, range: &Range<usize>) -> String {
        let path = self
            .spans
            .iter()
            .filter(|(_, span)| span.start <= range.start && range.end <= span.end)
            .min_by_key(|(path, span)| (span.len(), std::cmp::Reverse(path.len())))
            .map_or("", |(path, _)| path.as_str());
        let named = self.names.iter().find_map(|(entry, name)| {
            let rest = path
                .strip_prefix(entry.as_str())
                .filter(|rest| rest.is_empty() || rest.starts_with('.'))?;
            let list = entry.rsplit_once('.').map_or("", |(list, _)| list);
            Some(format!("{list}.{name}{rest}"))
        });
        named.unwrap_or_else(|| path.to_owned())
    }

    /// The file as a whole.
    pub fn file(&self) -> Place {
        Place::File(self.source.path().to_owned())
    }

    /// Where a range of positions lies.
    pub fn place(&self, range: &Range<usize>) -> Place {
        self.source.place(range)
    }
}
