//! The name of a parameter in a published file, reduced to the one its encoder knows it by.

/// Strips one of `prefixes`, as in `bert.embeddings…` of a file with a task head, and gives norms
/// of the first BERT checkpoints (`gamma`, `beta`) their later names.
pub(super) fn canonical(name: &str, prefixes: &[&str]) -> String {
    let bare = prefixes
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    for (old, new) in [
        ("LayerNorm.gamma", "LayerNorm.weight"),
        ("LayerNorm.beta", "LayerNorm.bias"),
    ] {
        if let Some(norm) = bare.strip_suffix(old) {
            return format!("{norm}{new}");
        }
    }
    bare.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_prefix_and_norms_get_their_later_names() {
        for (name, expected) in [
            (
                "bert.embeddings.LayerNorm.gamma",
                "embeddings.LayerNorm.weight",
            ),
            ("embeddings.LayerNorm.beta", "embeddings.LayerNorm.bias"),
            ("bert.pooler.dense.bias", "pooler.dense.bias"),
            ("cls.predictions.bias", "cls.predictions.bias"),
            ("bertha.weight", "bertha.weight"),
        ] {
            assert_eq!(canonical(name, &["bert."]), expected);
        }
    }
}
