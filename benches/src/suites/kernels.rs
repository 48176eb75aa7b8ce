//! Matrix products of the shapes that encoders have, in operations a second.

use std::time::Instant;

use anyhow::{Context, Result};
use mtnet_core::RandomStream;
use mtnet_kernels::{LinearWeight, Precision};

use super::{Entry, Sample, Workload};

/// Rows, inputs and outputs.
const SHAPES: [(usize, usize, usize); 7] = [
    (1000, 384, 384),
    (1000, 384, 1152),
    (1000, 384, 1536),
    (1000, 1536, 384),
    (1000, 768, 3072),
    (25, 384, 1536),
    (8, 384, 1536),
];
/// Operations of one run, about.
const OPERATIONS: f64 = 4e10;

#[derive(Clone, Copy)]
enum Product {
    /// `x · Wᵀ`.
    Forward(Precision),
    /// `dyᵀ · x`.
    Gradient,
    /// Nothing but multiplications and additions on registers.
    Peak,
}

pub(super) fn entries() -> Vec<Entry> {
    let peak = [(
        "kernels/peak/f32-1-thread".to_owned(),
        Product::Peak,
        (0, 0, 0),
        1,
    )];
    let products = SHAPES.into_iter().flat_map(|shape| {
        let (rows, inputs, outputs) = shape;
        let name = move |what: &str| format!("kernels/{rows}x{inputs}x{outputs}/{what}");
        let mut all = vec![
            (
                name("f32-1-thread"),
                Product::Forward(Precision::F32),
                shape,
                1,
            ),
            (name("gradient-1-thread"), Product::Gradient, shape, 1),
        ];
        all.extend(Precision::ALL.map(|precision| {
            (
                name(precision.as_str()),
                Product::Forward(precision),
                shape,
                0,
            )
        }));
        all
    });
    peak.into_iter()
        .chain(products)
        .map(|(name, product, shape, threads)| Entry {
            name: name.clone(),
            build: Box::new(move || {
                Ok(Box::new(Kernel::new(
                    name.clone(),
                    product,
                    shape,
                    threads,
                )?))
            }),
        })
        .collect()
}

struct Kernel {
    name: String,
    product: Product,
    shape: (usize, usize, usize),
    /// As many products in turn as would not fit a core's cache, as the layers of an encoder.
    weights: Vec<LinearWeight>,
    x: Vec<f32>,
    dy: Vec<f32>,
    out: Vec<f32>,
    pool: rayon::ThreadPool,
}

impl Kernel {
    fn new(
        name: String,
        product: Product,
        shape: (usize, usize, usize),
        threads: usize,
    ) -> Result<Self> {
        const WEIGHTS: usize = 8;
        let (rows, inputs, outputs) = shape;
        let mut stream = RandomStream::new(1);
        let mut numbers =
            |count: usize| -> Vec<f32> { (0..count).map(|_| stream.normal() as f32).collect() };
        let weights = match product {
            Product::Forward(precision) => (0..WEIGHTS)
                .map(|_| LinearWeight::new(precision, &numbers(inputs * outputs), outputs, inputs))
                .collect(),
            _ => Vec::new(),
        };
        let out = match product {
            Product::Gradient => inputs * outputs,
            _ => rows * outputs,
        };
        Ok(Self {
            name,
            product,
            shape,
            weights,
            x: numbers(rows * inputs),
            dy: numbers(rows * outputs),
            out: vec![0.0; out],
            pool: rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .context("a pool of threads")?,
        })
    }
}

impl Workload for Kernel {
    fn name(&self) -> &str {
        &self.name
    }

    fn unit(&self) -> Option<&'static str> {
        Some("operations")
    }

    fn run(&mut self) -> Result<Sample> {
        let (rows, inputs, outputs) = self.shape;
        if let Product::Peak = self.product {
            return Ok(Sample {
                seconds: 1.0,
                amount: LinearWeight::peak(),
            });
        }
        let each = (2 * rows * inputs * outputs) as f64;
        let times = (OPERATIONS / each).ceil().min(20_000.0) as usize;
        let Self {
            weights,
            x,
            dy,
            out,
            pool,
            ..
        } = self;
        let seconds = pool.install(|| {
            let begun = Instant::now();
            for time in 0..times {
                match weights.get(time % weights.len().max(1)) {
                    Some(weight) => weight.multiply(x, out),
                    None => {
                        LinearWeight::gradient(Precision::F32, dy, x, (rows, outputs, inputs), out)
                    }
                }
            }
            begun.elapsed().as_secs_f64()
        });
        Ok(Sample {
            seconds,
            amount: each * times as f64,
        })
    }
}
