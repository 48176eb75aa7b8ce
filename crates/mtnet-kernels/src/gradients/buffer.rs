//! One gradient of all parameters of a layout.

use std::ops::Range;
use std::sync::Arc;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Result, Storage, Tensor, bail};
use rayon::prelude::*;

use super::{GradientLayout, GradientSlot, Reach};
use crate::storage::floats;

/// Numbers that one parallel task works on.
const CHUNK: usize = 16 * 1024;

/// The gradient of each parameter of a layout, zero until something is added.
#[derive(Clone, Debug)]
pub struct GradientBuffer {
    pub(super) layout: Arc<GradientLayout>,
    pub(super) values: Values,
    pub(super) reach: Vec<Reach>,
    /// Entries that nothing reached and whose numbers an earlier use has left.
    pub(super) stale: Vec<bool>,
}

#[derive(Clone, Debug)]
pub(super) enum Values {
    Host(Vec<f32>),
    Device(Vec<Option<Tensor>>),
}

/// The gradient of one parameter, to be read.
#[derive(Clone, Copy, Debug)]
pub enum GradientView<'a> {
    /// Its numbers in main memory, row-major, and the rows that are not zero.
    Host(&'a [f32], &'a Reach),
    /// A tensor of the parameter's shape.
    Device(&'a Tensor),
}

impl GradientBuffer {
    /// Zeros.
    pub fn new(layout: &Arc<GradientLayout>) -> Self {
        let values = if layout.is_host() {
            Values::Host(vec![0.0; layout.length()])
        } else {
            Values::Device(vec![None; layout.entries().len()])
        };
        Self {
            layout: Arc::clone(layout),
            values,
            reach: vec![Reach::None; layout.entries().len()],
            stale: vec![false; layout.entries().len()],
        }
    }

    /// Where each parameter lies.
    pub fn layout(&self) -> &Arc<GradientLayout> {
        &self.layout
    }

    /// Zero again. Touches only rows that were reached; an entry that was reached as a whole is
    /// marked, and whoever comes next writes over it.
    pub fn clear(&mut self) {
        match &mut self.values {
            Values::Device(tensors) => tensors.fill(None),
            Values::Host(values) => {
                let entries = self.layout.entries().iter().zip(&self.reach);
                for ((entry, reach), stale) in entries.zip(&mut self.stale) {
                    if *reach == Reach::All {
                        *stale = true;
                        continue;
                    }
                    let values = &mut values[entry.range.clone()];
                    for run in reach.runs(values.len(), entry.row_width()) {
                        values[run]
                            .par_chunks_mut(CHUNK)
                            .for_each(|chunk| chunk.fill(0.0));
                    }
                }
            }
        }
        self.reach.fill(Reach::None);
    }

    /// Whether nothing was added since the last [`clear`](Self::clear).
    pub fn is_empty(&self) -> bool {
        self.reach.iter().all(Reach::is_none)
    }

    /// The gradient of entry `index`; `None` where nothing was added.
    pub fn view(&self, index: usize) -> Option<GradientView<'_>> {
        let reach = self.reach.get(index).filter(|reach| !reach.is_none())?;
        match &self.values {
            Values::Host(values) => {
                let range = self.layout.entries()[index].range.clone();
                Some(GradientView::Host(&values[range], reach))
            }
            Values::Device(tensors) => tensors[index].as_ref().map(GradientView::Device),
        }
    }

    /// All numbers in the order of the layout, where they lie in main memory and none is left
    /// over from before [`clear`](Self::clear); [`copy_numbers`](Self::copy_numbers) gives them always.
    pub fn host_values(&self) -> Option<&[f32]> {
        match &self.values {
            Values::Host(values) if !self.stale.contains(&true) => Some(values),
            _ => None,
        }
    }

    /// The numbers of entry `index` in main memory; they count where it was reached.
    pub(super) fn host_entry(&self, index: usize) -> Option<&[f32]> {
        match &self.values {
            Values::Host(values) => Some(&values[self.layout.entries()[index].range.clone()]),
            Values::Device(_) => None,
        }
    }

    /// All gradients, to be added to by a backward pass of one's own; `None` on other devices.
    pub fn slots(&mut self) -> Option<Vec<GradientSlot<'_>>> {
        let Values::Host(values) = &mut self.values else {
            return None;
        };
        let mut rest = values.as_mut_slice();
        let mut slots = Vec::with_capacity(self.reach.len());
        let states = self.reach.iter_mut().zip(&mut self.stale);
        for (entry, (reach, stale)) in self.layout.entries().iter().zip(states) {
            let (values, behind) = rest.split_at_mut(entry.range.len());
            slots.push(GradientSlot::new(values, reach, stale));
            rest = behind;
        }
        Some(slots)
    }

    /// Adds `scale ·` a gradient of entry `index`.
    ///
    /// # Errors
    /// If it has another shape than the parameter, or the device fails.
    pub fn add(&mut self, index: usize, gradient: &Tensor, scale: f64) -> Result<()> {
        let entry = &self.layout.entries()[index];
        if gradient.shape() != entry.variable.shape() {
            bail!(
                "the gradient of `{}` has shape {:?}, expected {:?}",
                entry.name,
                gradient.dims(),
                entry.variable.dims()
            );
        }
        match &mut self.values {
            Values::Device(tensors) => {
                let term = gradient.detach().affine(scale, 0.0)?;
                tensors[index] = Some(match tensors[index].take() {
                    Some(sum) => (sum + term)?,
                    None => term,
                });
            }
            Values::Host(values) => {
                let gradient = gradient
                    .to_device(&Device::Cpu)?
                    .to_dtype(DType::F32)?
                    .contiguous()?;
                let (storage, layout) = gradient.storage_and_layout();
                let Storage::Cpu(storage) = &*storage else {
                    bail!("expected the gradient of `{}` in main memory", entry.name)
                };
                let gradient = floats("gradient", storage, layout)?;
                let values = &mut values[entry.range.clone()];
                settle(values, &mut self.stale[index]);
                add_scaled(values, gradient, scale as f32);
            }
        }
        self.reach[index] = Reach::All;
        Ok(())
    }

    /// Adds to the rows `ids (n)` of entry `index`, a table, their slopes `(n, width)`. Other rows are
    /// neither read nor written, and do not count as reached.
    ///
    /// # Errors
    /// If there are not as many slopes as ids, they are not as wide as the table, an id lies past it, or
    /// the device fails.
    pub fn add_rows(&mut self, index: usize, ids: &Tensor, slopes: &Tensor) -> Result<()> {
        let entry = &self.layout.entries()[index];
        let (rows, width) = entry.variable.dims2()?;
        if slopes.dims2()? != (ids.dims1()?, width) {
            bail!(
                "the slopes of rows of `{}` have shape {:?}, expected ({}, {width})",
                entry.name,
                slopes.dims(),
                ids.dims1()?
            );
        }
        if matches!(self.values, Values::Device(_)) {
            let zeros = entry.variable.zeros_like()?.detach();
            return self.add(index, &zeros.index_add(ids, &slopes.detach(), 0)?, 1.0);
        }
        let ids = ids.to_vec1::<u32>()?;
        if let Some(id) = ids.iter().find(|&&id| id as usize >= rows) {
            bail!("row {id} lies past the {rows} rows of `{}`", entry.name);
        }
        let slopes = slopes.contiguous()?;
        let (storage, layout) = slopes.storage_and_layout();
        let Storage::Cpu(storage) = &*storage else {
            bail!("expected the slopes of `{}` in main memory", entry.name)
        };
        let slopes = floats("slopes of rows", storage, layout)?;
        let Values::Host(values) = &mut self.values else {
            unreachable!("tensors were left above");
        };
        let values = &mut values[entry.range.clone()];
        let (reach, stale) = (&mut self.reach[index], &mut self.stale[index]);
        GradientSlot::new(values, reach, stale)
            .rows(rows)
            .add(ids, slopes, width);
        Ok(())
    }

    /// Adds `scale ·` what a backward pass of candle left for these parameters, and takes it out
    /// of the store.
    ///
    /// # Errors
    /// If the device fails.
    pub fn add_from(&mut self, store: &mut GradStore, scale: f64) -> Result<()> {
        let layout = Arc::clone(&self.layout);
        for (index, entry) in layout.entries().iter().enumerate() {
            if let Some(gradient) = store.remove(&entry.variable) {
                self.add(index, &gradient, scale)?;
            }
        }
        Ok(())
    }

    /// Adds `weight · other` over some entries.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If the two do not share their layout.
    pub fn add_scaled(&mut self, other: &Self, entries: Range<usize>, weight: f64) -> Result<()> {
        assert!(Arc::ptr_eq(&self.layout, &other.layout), "two layouts");
        for index in entries {
            let reach = &other.reach[index];
            match (&mut self.values, &other.values) {
                (Values::Host(values), Values::Host(others)) => {
                    let entry = &self.layout.entries()[index];
                    let values = &mut values[entry.range.clone()];
                    let others = &others[entry.range.clone()];
                    if !reach.is_none() {
                        settle(values, &mut self.stale[index]);
                    }
                    for run in reach.runs(values.len(), entry.row_width()) {
                        add_scaled(&mut values[run.clone()], &others[run], weight as f32);
                    }
                }
                (Values::Device(_), Values::Device(others)) => {
                    if let Some(gradient) = others[index].clone() {
                        self.add(index, &gradient, weight)?;
                    }
                }
                _ => unreachable!("buffers of one layout lie on one device"),
            }
            self.reach[index].merge(reach);
        }
        Ok(())
    }

    /// Adds `Σ weight · gradient` over some entries, in the order of the terms.
    ///
    /// As [`add_scaled`](Self::add_scaled) term by term, but what is dense is walked through once.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If two do not share their layout.
    pub fn add_weighted(&mut self, entries: Range<usize>, terms: &[(f64, &Self)]) -> Result<()> {
        for index in entries {
            let dense = |other: &&Self| matches!(other.reach[index], Reach::None | Reach::All);
            let all_dense = terms.iter().all(|(_, other)| dense(other));
            let Values::Host(values) = &mut self.values else {
                for (weight, other) in terms {
                    self.add_scaled(other, index..index + 1, *weight)?;
                }
                continue;
            };
            if !all_dense {
                for (weight, other) in terms {
                    self.add_scaled(other, index..index + 1, *weight)?;
                }
                continue;
            }
            let range = self.layout.entries()[index].range.clone();
            let present: Vec<(f32, &[f32])> = terms
                .iter()
                .filter(|(_, other)| !other.reach[index].is_none())
                .filter_map(|(weight, other)| {
                    assert!(Arc::ptr_eq(&self.layout, &other.layout), "two layouts");
                    Some((*weight as f32, other.host_entry(index)?))
                })
                .collect();
            if present.is_empty() {
                continue;
            }
            let fresh = std::mem::take(&mut self.stale[index]);
            values[range]
                .par_chunks_mut(CHUNK)
                .enumerate()
                .for_each(|(chunk, sum)| {
                    let start = chunk * CHUNK;
                    if fresh {
                        sum.fill(0.0);
                    }
                    for (weight, term) in &present {
                        add_scaled_chunk(sum, &term[start..start + sum.len()], *weight);
                    }
                });
            self.reach[index] = Reach::All;
        }
        Ok(())
    }

    /// Multiplies some entries by `factor`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn scale(&mut self, entries: Range<usize>, factor: f64) -> Result<()> {
        if factor == 1.0 {
            return Ok(());
        }
        for index in entries {
            match &mut self.values {
                Values::Device(tensors) => {
                    if let Some(tensor) = &mut tensors[index] {
                        *tensor = tensor.affine(factor, 0.0)?;
                    }
                }
                Values::Host(values) => {
                    let entry = &self.layout.entries()[index];
                    let values = &mut values[entry.range.clone()];
                    let factor = factor as f32;
                    for run in self.reach[index].runs(values.len(), entry.row_width()) {
                        values[run].par_chunks_mut(CHUNK).for_each(|chunk| {
                            chunk.iter_mut().for_each(|value| *value *= factor);
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// What was reached of entry `index`.
    pub(super) fn reach(&self, index: usize) -> &Reach {
        &self.reach[index]
    }

    pub(super) fn tensor(&self, index: usize) -> Option<&Tensor> {
        match &self.values {
            Values::Device(tensors) => tensors[index].as_ref(),
            Values::Host(_) => None,
        }
    }
}

/// Zeros what an earlier use has left.
pub(super) fn settle(values: &mut [f32], stale: &mut bool) {
    if std::mem::take(stale) {
        values
            .par_chunks_mut(CHUNK)
            .for_each(|chunk| chunk.fill(0.0));
    }
}

fn add_scaled(sum: &mut [f32], term: &[f32], scale: f32) {
    sum.par_chunks_mut(CHUNK)
        .zip(term.par_chunks(CHUNK))
        .for_each(|(sum, term)| add_scaled_chunk(sum, term, scale));
}

crate::isa::vectorized! {
    fn add_scaled_chunk(sum: &mut [f32], term: &[f32], scale: f32) {
        for (sum, &term) in sum.iter_mut().zip(term) {
            *sum += scale * term;
        }
    }
}
