//! The worked example of a user's head learns what it should.

#[path = "../../examples/ordinal_head.rs"]
#[allow(dead_code, reason = "the example's main is its test")]
mod ordinal_head;

#[test]
fn the_example_runs() {
    ordinal_head::run().unwrap();
}
