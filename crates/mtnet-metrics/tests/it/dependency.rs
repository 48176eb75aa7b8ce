//! Trees against the CoNLL 2018 evaluation.

use mtnet_metrics::{Attachment, DependencyScores};

use crate::oracle::{Case, cases};

#[test]
fn attachment_scores_agree_with_the_conll_2018_evaluation() {
    let cases = cases("dependency");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let truth = sentences(&case, "gold_heads", "gold_rels");
        let predicted = sentences(&case, "pred_heads", "pred_rels");
        let scores = DependencyScores::new(&truth, &predicted).unwrap();
        case.check(|name| {
            Some(Ok(match name {
                "uas" => scores.unlabeled_attachment,
                "las" => scores.labeled_attachment,
                "las_full" => scores.labeled_attachment_with_subtypes,
                "clas_f1" => scores.content_labeled_attachment,
                other => panic!("unknown metric {other}"),
            }))
        });
    }
}

fn sentences(case: &Case, heads: &str, relations: &str) -> Vec<Vec<Attachment<String>>> {
    let heads: Vec<Vec<usize>> = case.input(heads);
    let relations: Vec<Vec<String>> = case.input(relations);
    heads
        .into_iter()
        .zip(relations)
        .map(|(heads, relations)| {
            heads
                .into_iter()
                .zip(relations)
                .map(|(head, relation)| Attachment { head, relation })
                .collect()
        })
        .collect()
}

#[test]
fn a_subtype_counts_only_where_it_is_asked_for() {
    let tree = |relation| {
        [[
            Attachment {
                head: 0,
                relation: "root",
            },
            Attachment { head: 1, relation },
        ]]
    };
    let scores = DependencyScores::new(&tree("nsubj:pass"), &tree("nsubj")).unwrap();
    assert_eq!(scores.labeled_attachment, 1.0);
    assert_eq!(scores.content_labeled_attachment, 1.0);
    assert_eq!(scores.labeled_attachment_with_subtypes, 0.5);
}

#[test]
fn function_words_without_content_score_zero() {
    let tree = [[Attachment {
        head: 0,
        relation: "punct",
    }]];
    let scores = DependencyScores::new(&tree, &tree).unwrap();
    assert_eq!(scores.labeled_attachment, 1.0);
    assert_eq!(scores.content_labeled_attachment, 0.0);
}
