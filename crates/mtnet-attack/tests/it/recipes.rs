//! Recipes by name and as files.

use mtnet_attack::{AttackConfig, Recipe};

#[test]
fn recipes_are_found_by_name_and_survive_a_file() {
    for recipe in Recipe::ALL {
        assert_eq!(recipe.name().parse::<Recipe>().unwrap(), recipe);
        let config = recipe.config();
        let written = toml::to_string(&config).unwrap();
        assert_eq!(
            toml::from_str::<AttackConfig>(&written).unwrap(),
            config,
            "{written}"
        );
    }
    let error = "deepwordbugs".parse::<Recipe>().unwrap_err().to_string();
    assert!(error.contains("did you mean `deepwordbug`?"), "{error}");
}

#[test]
fn a_misspelt_setting_is_refused() {
    let written = toml::to_string(&Recipe::Keyboard.config()).unwrap();
    for (from, to, expected) in [
        ("keep_numbers", "keep_number", "keep_number"),
        ("type = \"characters\"", "type = \"letters\"", "letters"),
        ("\"keyboard\"]", "\"keybord\"]", "keybord"),
        (
            "importance = \"unknown\"",
            "importance = \"saliency\"",
            "saliency",
        ),
    ] {
        assert!(written.contains(from), "{written}");
        let error = toml::from_str::<AttackConfig>(&written.replace(from, to)).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
