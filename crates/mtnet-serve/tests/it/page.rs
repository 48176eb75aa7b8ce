//! The page and its parts: whole, and asking nobody else for anything.

use super::client::get;
use super::model::server;

const PARTS: [(&str, &str); 6] = [
    ("/", "text/html"),
    ("/docs", "text/html"),
    ("/page.css", "text/css"),
    ("/page.js", "text/javascript"),
    ("/answers.js", "text/javascript"),
    ("/docs.js", "text/javascript"),
];

#[test]
fn every_part_is_served_with_a_policy_that_forbids_other_hosts() {
    for (path, kind) in PARTS {
        let answer = get(server(), path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.header("content-type").unwrap().starts_with(kind),
            "{path}"
        );
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
        let text = String::from_utf8(answer.body).unwrap();
        for elsewhere in ["http://", "https://", "//cdn", "@import", "url("] {
            assert!(!text.contains(elsewhere), "{path} names {elsewhere}");
        }
        // What the policy would stop.
        for inline in ["<style", " style=\"", " onclick=", "innerHTML", "eval("] {
            assert!(!text.contains(inline), "{path} holds {inline}");
        }
    }
}

#[test]
fn what_the_page_asks_for_is_there() {
    for (path, parts) in [
        ("/", &["page.css", "page.js", "docs"][..]),
        ("/page.js", &["answers.js", "info", "predict"]),
        ("/docs", &["page.css", "docs.js", "openapi.json"]),
    ] {
        let text = String::from_utf8(get(server(), path).body).unwrap();
        for part in parts {
            assert!(text.contains(part), "{path} does not name {part}");
        }
    }
    assert_eq!(get(server(), "/openapi.json").status, 200);
}
