//! Bootstrap intervals: of a mean over seeds, and of a paired difference over examples and seeds.
//!
//! A sample of the same size is drawn with replacement again and again; the interval holds the
//! middle of what the samples give (the percentile interval of Efron and Tibshirani 1993, *An
//! introduction to the bootstrap*, §13.3). Two systems that answer the same test data are compared
//! on the same samples, which takes out what makes an example hard for both (Koehn 2004,
//! *Statistical significance tests for machine translation evaluation*, §3;
//! Berg-Kirkpatrick et al. 2012). With several seeds, each sample draws seeds too, so that the
//! interval covers both chances: another test set and another training (Bouthillier et al. 2021,
//! *Accounting for variance in machine learning benchmarks*, §3). A sample of `n` seeds shows only
//! `(n − 1) / n` of their variance, so deviations of the drawn seeds' mean from the mean of all
//! are stretched by `√(n / (n − 1))`.

use super::Estimate;
use super::draws::Draws;
use super::student::check_level;
use crate::{MetricError, checks};

/// How often, how sure, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Samples that are drawn.
    pub resamples: usize,
    /// Share of the samples that the interval holds.
    pub level: f64,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 2,000 samples, 95 %.
    fn default() -> Self {
        Self {
            resamples: 2000,
            level: 0.95,
            seed: 0,
        }
    }
}

impl Bootstrap {
    /// Mean of `values` with the interval of the means of samples.
    ///
    /// # Errors
    /// If there is no value, one is not a number, or a setting is out of range.
    pub fn mean(&self, values: &[f64]) -> Result<Estimate, MetricError> {
        checks::not_empty("values", values.len())?;
        if let Some(row) = values.iter().position(|value| value.is_nan()) {
            return Err(MetricError::NotANumber { row, column: 0 });
        }
        let mean = |sample: &[usize]| {
            sample.iter().map(|&index| values[index]).sum::<f64>() / sample.len() as f64
        };
        let all: Vec<usize> = (0..values.len()).collect();
        let mut draws = Draws::new(self.seed);
        let mut sample = all.clone();
        let means = (0..self.resamples).map(|_| {
            draws.fill(&mut sample, values.len());
            mean(&sample)
        });
        self.interval(mean(&all), means.collect(), values.len())
    }

    /// Mean over seeds of the difference of two systems, with its interval over examples and
    /// seeds. `difference` gives, for a sample of examples (numbers below `examples`, which may
    /// repeat), the difference of the two scores of each seed, `seeds` of them. A sample whose
    /// differences are not all numbers is left out.
    ///
    /// # Errors
    /// If there is no example or seed, or a setting is out of range.
    pub fn paired(
        &self,
        examples: usize,
        seeds: usize,
        mut difference: impl FnMut(&[usize]) -> Vec<f64>,
    ) -> Result<Estimate, MetricError> {
        self.paired_strata(&[examples], seeds, |samples| difference(&samples[0]))
    }

    /// As [`Self::paired`] over several test sets, of each of which a sample is drawn: for what is
    /// made of the scores of several tasks. `examples` counts the examples of each.
    ///
    /// # Errors
    /// As [`Self::paired`].
    pub fn paired_strata(
        &self,
        examples: &[usize],
        seeds: usize,
        mut difference: impl FnMut(&[Vec<usize>]) -> Vec<f64>,
    ) -> Result<Estimate, MetricError> {
        checks::not_empty("test sets", examples.len())?;
        for &examples in examples {
            checks::not_empty("examples", examples)?;
        }
        checks::not_empty("seeds", seeds)?;
        let mut samples: Vec<Vec<usize>> =
            examples.iter().map(|&count| (0..count).collect()).collect();
        let of_all = mean(&difference(&samples));
        let stretch = match seeds {
            1 => 1.0,
            _ => (seeds as f64 / (seeds as f64 - 1.0)).sqrt(),
        };
        let mut draws = Draws::new(self.seed);
        let mut drawn_seeds = vec![0; seeds];
        let mut means = Vec::with_capacity(self.resamples);
        for _ in 0..self.resamples {
            for (sample, &count) in samples.iter_mut().zip(examples) {
                draws.fill(sample, count);
            }
            draws.fill(&mut drawn_seeds, seeds);
            let differences = difference(&samples);
            let centre = mean(&differences);
            let drawn: f64 = drawn_seeds.iter().map(|&seed| differences[seed]).sum();
            means.push(centre + stretch * (drawn / seeds as f64 - centre));
        }
        self.interval(of_all, means, examples.iter().sum())
    }

    fn interval(
        &self,
        value: f64,
        mut samples: Vec<f64>,
        count: usize,
    ) -> Result<Estimate, MetricError> {
        check_level(self.level)?;
        if self.resamples == 0 {
            return Err(MetricError::Setting {
                setting: "resamples",
                found: "0".to_owned(),
                expected: "at least 1",
            });
        }
        samples.retain(|sample| sample.is_finite());
        samples.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        let [lower, upper] = [tail, 1.0 - tail].map(|share| percentile(&samples, share));
        Ok(Estimate {
            value,
            lower,
            upper,
            level: self.level,
            count,
        })
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Between the two nearest of sorted values, linearly; NaN where there is none.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}
