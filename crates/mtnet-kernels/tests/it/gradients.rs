//! Buffers of gradients: what is added, combined and multiplied is right, and rows stay sparse.

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use mtnet_kernels::{GradientBuffer, GradientLayout, GradientView, Reach, gradient_products};

fn layout() -> (Arc<GradientLayout>, Var, Var) {
    let table = Var::zeros((5, 3), candle_core::DType::F32, &Device::Cpu).expect("a table");
    let weight = Var::from_slice(&[1f32, 2.0], 2, &Device::Cpu).expect("a weight");
    let named = [
        ("table".to_owned(), table.clone()),
        ("weight".to_owned(), weight.clone()),
    ];
    (Arc::new(GradientLayout::new(named)), table, weight)
}

fn host(buffer: &GradientBuffer, index: usize) -> (Vec<f32>, Reach) {
    match buffer.view(index) {
        Some(GradientView::Host(values, reach)) => (values.to_vec(), reach.clone()),
        other => panic!("expected numbers in main memory, found {other:?}"),
    }
}

/// Adds `value` to some rows of the table, as a backward pass of one's own does.
fn add_rows(buffer: &mut GradientBuffer, rows: &[u32], value: f32) {
    let slots = buffer.slots().expect("main memory");
    let table = slots.into_iter().next().expect("a table").rows(5);
    for &row in rows {
        table.values[row as usize * 3..][..3]
            .iter_mut()
            .for_each(|entry| *entry += value);
    }
    table.touched.extend_from_slice(rows);
}

#[test]
fn what_passes_leave_is_added_and_taken_out() {
    let (layout, _, weight) = layout();
    let mut sum = GradientBuffer::new(&layout);
    assert!(sum.is_empty());
    for factor in [1.0, 2.0, 4.0] {
        let loss = (weight.sqr().expect("w²").sum_all().expect("Σ") * factor).expect("a loss");
        let mut store = loss.backward().expect("gradients");
        sum.add_from(&mut store, 0.5).expect("one more");
        assert!(store.get(&weight).is_none(), "its memory is free again");
    }
    // ½ (1 + 2 + 4) · 2w
    assert_eq!(host(&sum, 1), (vec![7.0, 14.0], Reach::All));
    assert!(
        sum.view(0).is_none(),
        "the loss does not depend on the table"
    );
    sum.clear();
    assert!(sum.is_empty() && sum.view(1).is_none());
    assert_eq!(sum.copy_numbers(0..2).expect("copied"), [0.0; 17]);

    let wrong = Tensor::zeros(3, candle_core::DType::F32, &Device::Cpu).expect("a tensor");
    let error = sum
        .add(1, &wrong, 1.0)
        .expect_err("another shape")
        .to_string();
    assert!(
        error.contains("the gradient of `weight` has shape [3], expected [2]"),
        "{error}"
    );
}

#[test]
fn sums_and_products_keep_to_the_rows_that_were_reached() {
    let (layout, ..) = layout();
    let mut first = GradientBuffer::new(&layout);
    let mut second = GradientBuffer::new(&layout);
    add_rows(&mut first, &[1, 3], 1.0);
    add_rows(&mut second, &[3, 4], 2.0);
    let ones = Tensor::new(&[1f32, 1.0], &Device::Cpu).expect("a tensor");
    second.add(1, &ones, 3.0).expect("added");

    let all = 0..2;
    let products = gradient_products(&[&first, &second], all.clone()).expect("products");
    // One common row of three numbers, and 9 + 9 of the weight on one side only.
    assert_eq!(products, [6.0, 6.0, 6.0, 24.0 + 18.0]);
    let of_table = gradient_products(&[&second, &first], 0..1).expect("products");
    assert_eq!(of_table, [24.0, 6.0, 6.0, 6.0]);

    let mut sum = GradientBuffer::new(&layout);
    sum.add_scaled(&first, all.clone(), 1.0).expect("a sum");
    sum.add_scaled(&second, all.clone(), -0.5).expect("a sum");
    let (table, reach) = host(&sum, 0);
    assert_eq!(reach, Reach::Rows(vec![1, 3, 4]));
    assert_eq!(table[3..6], [1.0; 3]);
    assert_eq!(table[9..12], [0.0; 3]);
    assert_eq!(table[12..15], [-1.0; 3]);
    assert_eq!(host(&sum, 1).0, [-1.5; 2]);
    let mut at_once = GradientBuffer::new(&layout);
    let terms = [(1.0, &first), (-0.5, &second)];
    at_once.add_weighted(all, &terms).expect("a sum");
    assert_eq!(host(&at_once, 0), host(&sum, 0));
    assert_eq!(host(&at_once, 1), host(&sum, 1));
    sum.scale(0..1, 2.0).expect("scaled");
    assert_eq!(host(&sum, 0).0[3..6], [2.0; 3]);
    assert_eq!(host(&sum, 1).0, [-1.5; 2]);
}

/// A buffer whose numbers an earlier use has left, marked as cleared.
fn used(layout: &Arc<GradientLayout>) -> GradientBuffer {
    let mut buffer = GradientBuffer::new(layout);
    buffer.set_numbers(0..2, &[9.0; 17]).expect("set");
    buffer.clear();
    buffer
}

#[test]
fn a_cleared_buffer_takes_no_number_from_before() {
    let (layout, ..) = layout();
    let numbers = |buffer: &GradientBuffer| buffer.copy_numbers(0..2).expect("copied");
    assert_eq!(used(&layout).host_values(), None);
    assert_eq!(numbers(&used(&layout)), [0.0; 17]);

    let mut other = GradientBuffer::new(&layout);
    add_rows(&mut other, &[2], 1.0);
    let weight = Tensor::new(&[1f32, 2.0], &Device::Cpu).expect("a tensor");
    other.add(1, &weight, 1.0).expect("added");
    let expected = numbers(&other);

    let mut sum = used(&layout);
    sum.add_scaled(&other, 0..2, 1.0).expect("a sum");
    assert_eq!(numbers(&sum), expected);
    let mut sum = used(&layout);
    sum.add_weighted(0..2, &[(1.0, &other)]).expect("a sum");
    assert_eq!(numbers(&sum), expected);
    assert_eq!(sum.host_values(), Some(&expected[..]));
    let mut sum = used(&layout);
    add_rows(&mut sum, &[2], 1.0);
    sum.add(1, &weight, 1.0).expect("added");
    assert_eq!(numbers(&sum), expected);

    // A pass of one's own that gives nothing leaves zeros.
    let mut sum = used(&layout);
    for slot in sum.slots().expect("main memory") {
        drop(slot.whole());
    }
    assert_eq!(sum.host_values(), Some(&[0.0; 17][..]));
    let products = gradient_products(&[&used(&layout), &other], 0..2).expect("products");
    assert_eq!(products, [0.0, 0.0, 0.0, 8.0]);
}

#[test]
fn numbers_can_be_copied_out_and_set() {
    let (layout, ..) = layout();
    let mut buffer = GradientBuffer::new(&layout);
    let numbers: Vec<f32> = (0..17u8).map(f32::from).collect();
    buffer.set_numbers(0..2, &numbers).expect("set");
    assert_eq!(buffer.copy_numbers(1..2).expect("copied"), [15.0, 16.0]);
    assert_eq!(host(&buffer, 0).1, Reach::All);
    assert_eq!(layout.numbers(1..2), 15..17);
    assert_eq!(layout.numbers(0..0), 0..0);
}

#[test]
fn products_do_not_depend_on_threads() {
    let count = 3 * 16 * 1024 + 5;
    let value = |seed: usize| -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + seed * 101) % 1009) as f32 / 500.0 - 1.0)
            .collect()
    };
    let weight = Var::zeros(count, candle_core::DType::F32, &Device::Cpu).expect("a weight");
    let layout = Arc::new(GradientLayout::new([("weight".to_owned(), weight)]));
    let buffers: Vec<GradientBuffer> = (0..3)
        .map(|seed| {
            let mut buffer = GradientBuffer::new(&layout);
            buffer.set_numbers(0..1, &value(seed)).expect("set");
            buffer
        })
        .collect();
    let buffers: Vec<&GradientBuffer> = buffers.iter().collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool")
            .install(|| gradient_products(&buffers, 0..1).expect("products"))
    };
    let one = with(1);
    let exact: f64 = value(0)
        .iter()
        .zip(&value(1))
        .map(|(&l, &r)| f64::from(l) * f64::from(r))
        .sum();
    assert!((one[1] - exact).abs() < 1e-9 * exact.abs().max(1.0));
    for threads in [2, 3, 4] {
        assert_eq!(with(threads), one, "{threads} threads");
    }
}
