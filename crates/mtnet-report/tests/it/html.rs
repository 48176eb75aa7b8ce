//! A judge of pages: tags that match, nothing from elsewhere, no script.

use std::collections::BTreeSet;

/// Says what is wrong with a page.
///
/// # Panics
/// If something is.
#[track_caller]
pub fn check(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    assert!(!page.contains("<script"), "a page has no script");
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    assert!(
        !outside.contains("http:") && !outside.contains("https:"),
        "a page loads nothing"
    );
    assert!(
        !page.contains("NaN") && !page.contains(">inf"),
        "a number that is none"
    );
    balanced(page);
    let ids: BTreeSet<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    for link in page
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(ids.contains(link), "link to #{link}, which is not there");
    }
    for svg in page.split("<svg").skip(1) {
        let head = svg.split('>').next().unwrap_or_default();
        let is_named = head.contains("role=\"img\"") && head.contains("aria-label=\"");
        assert!(
            is_named || head.contains("aria-hidden"),
            "a figure without a name: {head}"
        );
    }
}

/// Every opened tag is closed in order.
#[track_caller]
fn balanced(page: &str) {
    let body = page.strip_prefix("<!DOCTYPE html>").unwrap_or(page);
    let mut open: Vec<&str> = Vec::new();
    let mut rest = body;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag that ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(
                open.pop(),
                Some(name),
                "closed out of order near {}",
                &rest[..rest.len().min(60)]
            );
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or_default());
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
}
