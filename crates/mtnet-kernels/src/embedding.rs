//! Rows of a table by index: embeddings, and the rows that a head reads.
//!
//! Backward adds each result row's gradient to its table row, in the order of the result rows.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use crate::linear::add_to;
use crate::storage::{ROWS_PER_TASK, floats, fused, indices};

/// `table (vocabulary, width)` and `ids (rows)` of `u32` to `(rows, width)`.
///
/// # Errors
/// If an id lies past the table's end, or the shapes do not fit.
pub fn embedding(table: &Tensor, ids: &Tensor) -> Result<Tensor> {
    table.dims2()?;
    ids.dims1()?;
    if fused(table) {
        table.contiguous()?.apply_op2(&ids.contiguous()?, Embedding)
    } else {
        table.index_select(ids, 0)
    }
}

struct Embedding;

impl CustomOp2 for Embedding {
    fn name(&self) -> &'static str {
        "embedding"
    }

    fn cpu_fwd(
        &self,
        table: &CpuStorage,
        lt: &Layout,
        ids: &CpuStorage,
        li: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = lt.shape().dims2()?;
        let (table, ids) = (
            floats("embedding", table, lt)?,
            indices("embedding", ids, li)?,
        );
        if let Some(id) = ids.iter().find(|&&id| id as usize >= rows) {
            bail!("embedding: index {id} lies past the {rows} rows of the table");
        }
        let mut out = vec![0f32; ids.len() * width];
        out.par_chunks_mut(ROWS_PER_TASK * width)
            .zip(ids.par_chunks(ROWS_PER_TASK))
            .for_each(|(out, ids)| {
                for (out, &id) in out.chunks_exact_mut(width).zip(ids) {
                    out.copy_from_slice(&table[id as usize * width..][..width]);
                }
            });
        Ok((CpuStorage::F32(out), Shape::from((ids.len(), width))))
    }

    fn bwd(
        &self,
        table: &Tensor,
        ids: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (rows, _) = table.dims2()?;
        Ok((
            Some(
                dy.contiguous()?
                    .apply_op2_no_bwd(ids, &ScatterAdd { rows })?,
            ),
            None,
        ))
    }
}

/// `(gradient rows, ids)` to the gradient of a table with `rows` rows.
struct ScatterAdd {
    rows: usize,
}

impl CustomOp2 for ScatterAdd {
    fn name(&self) -> &'static str {
        "embedding-backward"
    }

    fn cpu_fwd(
        &self,
        dy: &CpuStorage,
        ld: &Layout,
        ids: &CpuStorage,
        li: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, width) = ld.shape().dims2()?;
        let (dy, ids) = (
            floats("embedding-backward", dy, ld)?,
            indices("embedding-backward", ids, li)?,
        );
        let mut table = vec![0f32; self.rows * width];
        for (dy, &id) in dy.chunks_exact(width).zip(ids) {
            add_to(&mut table[id as usize * width..][..width], dy);
        }
        Ok((CpuStorage::F32(table), Shape::from((self.rows, width))))
    }
}
