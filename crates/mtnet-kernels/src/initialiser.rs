//! Initial values of weights: explicit, and a function of a stream.
//!
//! For a weight `(outputs, inputs)` the variance of each number is
//!
//! | initialiser | variance | source |
//! |---|---|---|
//! | normal, truncated normal | `std²` | the second as in BERT's published code, cut at two deviations |
//! | Xavier | `gain² · 2 / (inputs + outputs)` | Glorot and Bengio 2010, §4.2.1, eq. 16 |
//! | He | `gain² · 2 / inputs` | He et al. 2015, §2.2, eq. 10 |
//! | orthogonal | `gain² / max(inputs, outputs)` | Saxe, McClelland and Ganguli 2014, §3 |
//!
//! A normal that is cut at two deviations is narrower than the one it was cut from; here it is
//! widened again, so that `std` is what the numbers have. An orthogonal weight has orthonormal
//! rows or columns, whichever are fewer, times `gain`, and every such weight is as likely: the
//! factor Q of a normal matrix, with the signs of R's diagonal (Mezzadri 2007, §5).

use mtnet_core::RandomStream;

/// How the numbers of a new weight are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialiser {
    /// Normal around 0.
    Normal {
        /// Standard deviation.
        std: f64,
    },
    /// Normal around 0, none further away than about two deviations.
    TruncatedNormal {
        /// Standard deviation of what is left.
        std: f64,
    },
    /// Xavier's, for maps without an activation or with a symmetric one.
    Xavier {
        /// Whether from a uniform distribution instead of a normal one.
        uniform: bool,
        /// Factor of the standard deviation.
        gain: f64,
    },
    /// He's, for maps before a rectifier.
    He {
        /// Whether from a uniform distribution instead of a normal one.
        uniform: bool,
        /// Factor of the standard deviation.
        gain: f64,
    },
    /// Orthogonal.
    Orthogonal {
        /// Length of each row or column.
        gain: f64,
    },
}

/// Deviation of a standard normal cut at two deviations.
const CUT_DEVIATION: f64 = 0.879_625_662_034_239_8;

impl Initialiser {
    /// The same with numbers `factor` times as large.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Self::Normal { std } => Self::Normal { std: std * factor },
            Self::TruncatedNormal { std } => Self::TruncatedNormal { std: std * factor },
            Self::Xavier { uniform, gain } => Self::Xavier {
                uniform,
                gain: gain * factor,
            },
            Self::He { uniform, gain } => Self::He {
                uniform,
                gain: gain * factor,
            },
            Self::Orthogonal { gain } => Self::Orthogonal {
                gain: gain * factor,
            },
        }
    }

    /// Standard deviation that the numbers of a weight `(outputs, inputs)` have.
    pub fn deviation(&self, outputs: usize, inputs: usize) -> f64 {
        let (outputs, inputs) = (outputs.max(1) as f64, inputs.max(1) as f64);
        match *self {
            Self::Normal { std } | Self::TruncatedNormal { std } => std,
            Self::Xavier { gain, .. } => gain * (2.0 / (inputs + outputs)).sqrt(),
            Self::He { gain, .. } => gain * (2.0 / inputs).sqrt(),
            Self::Orthogonal { gain } => gain / inputs.max(outputs).sqrt(),
        }
    }

    /// The numbers of a weight `(outputs, inputs)`, row-major.
    pub fn values(&self, outputs: usize, inputs: usize, mut stream: RandomStream) -> Vec<f32> {
        let deviation = self.deviation(outputs, inputs);
        let count = outputs * inputs;
        match *self {
            Self::Xavier { uniform: true, .. } | Self::He { uniform: true, .. } => {
                let bound = deviation * 3f64.sqrt();
                let mut draw = || (2.0 * stream.uniform_f64() - 1.0) * bound;
                (0..count).map(|_| draw() as f32).collect()
            }
            Self::TruncatedNormal { std } => (0..count)
                .map(|_| (cut_normal(&mut stream) * std / CUT_DEVIATION) as f32)
                .collect(),
            Self::Orthogonal { gain } => orthogonal(outputs, inputs, gain, stream),
            _ => (0..count)
                .map(|_| (stream.normal() * deviation) as f32)
                .collect(),
        }
    }
}

fn cut_normal(stream: &mut RandomStream) -> f64 {
    loop {
        let draw = stream.normal();
        if draw.abs() <= 2.0 {
            return draw;
        }
    }
}

/// Rows of a normal matrix, each made orthogonal to those before it, twice: once leaves a rest of
/// the size of rounding errors times the condition (Giraud et al. 2005, "twice is enough"). The
/// length of what is left of a row is the diagonal of R, which is above 0 so.
fn orthogonal(outputs: usize, inputs: usize, gain: f64, mut stream: RandomStream) -> Vec<f32> {
    let (count, width) = (outputs.min(inputs), outputs.max(inputs));
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(count);
    for _ in 0..count {
        let mut row: Vec<f64> = (0..width).map(|_| stream.normal()).collect();
        for _ in 0..2 {
            for done in &rows {
                let along: f64 = row.iter().zip(done).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(done).for_each(|(a, b)| *a -= along * b);
            }
        }
        let length = row.iter().map(|a| a * a).sum::<f64>().sqrt();
        row.iter_mut().for_each(|a| *a /= length);
        rows.push(row);
    }
    let number = |output: usize, input: usize| match outputs <= inputs {
        true => rows[output][input],
        false => rows[input][output],
    };
    (0..outputs)
        .flat_map(|output| (0..inputs).map(move |input| (output, input)))
        .map(|(output, input)| (gain * number(output, input)) as f32)
        .collect()
}
