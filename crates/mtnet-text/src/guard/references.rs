//! Whether the parts of a `tokenizer.json` refer to things that are there.
//!
//! Only what the `tokenizers` library takes for granted is looked at, and only where the file has it:
//! what is missing altogether the library names itself.

use serde_json::{Map, Value};

/// The first reference that leads nowhere, by its place in the file.
pub(super) fn check(file: &Value) -> Result<(), String> {
    if let Some(model) = file.get("model") {
        check_model(model)?;
    }
    match file.get("post_processor") {
        Some(processor) => check_processor(processor, "post_processor"),
        None => Ok(()),
    }
}

fn check_model(model: &Value) -> Result<(), String> {
    match model.get("vocab") {
        Some(Value::Object(vocab)) => {
            check_ids(vocab)?;
            // A word that no piece spells becomes this token, so it must have an id.
            if let Some(unknown) = model.get("unk_token").and_then(Value::as_str)
                && !vocab.contains_key(unknown)
            {
                return Err(format!(
                    "`model.unk_token` is `{unknown}`, which `model.vocab` does not have"
                ));
            }
            match model.get("merges") {
                Some(Value::Array(merges)) => check_merges(merges, vocab),
                _ => Ok(()),
            }
        }
        Some(Value::Array(pieces)) => check_pieces(pieces, model.get("unk_id")),
        _ => Ok(()),
    }
}

fn check_ids(vocab: &Map<String, Value>) -> Result<(), String> {
    let bad = vocab
        .iter()
        .find(|(_, id)| id.as_u64().is_none_or(|id| u32::try_from(id).is_err()));
    match bad {
        Some((token, id)) => Err(format!(
            "`model.vocab` gives `{token}` the id {id}, expected a whole number from 0"
        )),
        None => Ok(()),
    }
}

/// A merge is `"a b"` or `["a", "b"]`, and both parts are tokens.
fn check_merges(merges: &[Value], vocab: &Map<String, Value>) -> Result<(), String> {
    for (number, merge) in merges.iter().enumerate() {
        let parts = match merge {
            Value::String(text) => text.split_once(' '),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(first), Value::String(second)] => Some((&**first, &**second)),
                _ => None,
            },
            _ => None,
        };
        let known = parts.is_some_and(|(a, b)| vocab.contains_key(a) && vocab.contains_key(b));
        if !known {
            return Err(format!(
                "`model.merges[{number}]` is {merge}, expected two tokens of `model.vocab`"
            ));
        }
    }
    Ok(())
}

/// Unigram pieces are `["token", score]`.
fn check_pieces(pieces: &[Value], unknown: Option<&Value>) -> Result<(), String> {
    let is_piece = |piece: &Value| match piece.as_array().map(Vec::as_slice) {
        Some([Value::String(_), score]) => score.is_number(),
        _ => false,
    };
    if let Some(bad) = pieces.iter().position(|piece| !is_piece(piece)) {
        return Err(format!(
            "`model.vocab[{bad}]` is {}, expected a token and its score",
            pieces[bad]
        ));
    }
    match unknown {
        None | Some(Value::Null) => Ok(()),
        Some(id) if id.as_u64().is_some_and(|id| id < pieces.len() as u64) => Ok(()),
        Some(id) => Err(format!(
            "`model.unk_id` is {id}, expected a position below {} in `model.vocab`",
            pieces.len()
        )),
    }
}

/// Every special token of a template is described, with as many ids as tokens.
fn check_processor(processor: &Value, at: &str) -> Result<(), String> {
    for (number, inner) in list(processor, "processors").enumerate() {
        check_processor(inner, &format!("{at}.processors[{number}]"))?;
    }
    let described = processor.get("special_tokens").and_then(Value::as_object);
    for (name, token) in described.into_iter().flatten() {
        let (ids, tokens) = (list(token, "ids").count(), list(token, "tokens").count());
        if ids != tokens || ids == 0 {
            return Err(format!(
                "`{at}.special_tokens.{name}` has {ids} ids for {tokens} tokens"
            ));
        }
    }
    let pieces = list(processor, "single").chain(list(processor, "pair"));
    let mut used = pieces.filter_map(|piece| piece.pointer("/SpecialToken/id")?.as_str());
    let known = |name: &&str| described.is_some_and(|described| described.contains_key(*name));
    match used.find(|name| !known(name)) {
        Some(name) => Err(format!(
            "`{at}` uses the special token `{name}`, which its `special_tokens` do not describe"
        )),
        None => Ok(()),
    }
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_that_leads_nowhere_is_named() {
        let template = json!({
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}],
            "special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [1], "tokens": ["[SEP]"]}},
        });
        for (file, expected) in [
            (
                json!({"model": {"vocab": {"a": 0}, "unk_token": "[UNK]"}}),
                "`model.unk_token` is `[UNK]`",
            ),
            (json!({"model": {"vocab": {"a": -1}}}), "the id -1"),
            (
                json!({"model": {"vocab": {"a": 0}, "merges": ["a b"]}}),
                "`model.merges[0]` is \"a b\"",
            ),
            (
                json!({"model": {"vocab": {"a": 0}, "merges": [["a", "a"], ["a"]]}}),
                "`model.merges[1]`",
            ),
            (
                json!({"model": {"vocab": [["a", 0.5]], "unk_id": 1}}),
                "`model.unk_id` is 1",
            ),
            (json!({"model": {"vocab": [["a"]]}}), "`model.vocab[0]`"),
            (
                json!({"post_processor": {"processors": [template]}}),
                "`post_processor.processors[0]` uses the special token `[CLS]`",
            ),
            (
                json!({"post_processor": {"special_tokens": {"x": {"ids": [1, 2], "tokens": ["x"]}}}}),
                "has 2 ids for 1 tokens",
            ),
        ] {
            let message = check(&file).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
        assert_eq!(check(&json!({"model": {"vocab": {"a": 0}}})), Ok(()));
    }
}
