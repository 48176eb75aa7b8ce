//! The affine map of a layer: `y = x · Wᵀ + b`, with its activation behind it.
//!
//! Matrix products run in the `gemm` crate, which cuts the result, never the sum, between threads:
//! the bits do not depend on how many there are. Backward: `dx = dy · W`, `dW = dyᵀ · x`,
//! `db = Σ_rows dy`.

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, bail,
};
use rayon::prelude::*;

use crate::activation::{Activation, activate};
use crate::isa::vectorized;
use crate::plain;
use crate::storage::{ROWS_PER_TASK, floats, fused};

/// `activation(x · Wᵀ + b)`.
///
/// `x (rows, in)`, `weight (out, in)` as published checkpoints store it, `bias (out)`;
/// gives `(rows, out)`.
///
/// # Errors
/// If the shapes do not fit.
pub fn linear(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    activation: Activation,
) -> Result<Tensor> {
    let (rows, inputs) = x.dims2()?;
    let (outputs, expected) = weight.dims2()?;
    if inputs != expected {
        bail!(
            "linear: x is ({rows}, {inputs}) but the weight ({outputs}, {expected}) takes {expected} inputs"
        );
    }
    if let Some(bias) = bias
        && bias.dims() != [outputs]
    {
        bail!(
            "linear: expected a bias of shape ({outputs}), found {:?}",
            bias.dims()
        );
    }
    let affine = if fused(x) && rows > 0 {
        let (x, weight) = (x.contiguous()?, weight.contiguous()?);
        match bias {
            Some(bias) => x.apply_op3(&weight, &bias.contiguous()?, Linear)?,
            None => x.apply_op2(&weight, Linear)?,
        }
    } else {
        plain::linear(x, weight, bias)?
    };
    activate(&affine, activation)
}

struct Linear;

impl CustomOp2 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        forward(
            floats("linear", x, lx)?,
            lx,
            floats("linear", w, lw)?,
            lw,
            None,
        )
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let dy = dy.contiguous()?;
        Ok((
            Some(input_gradient(&dy, w)?),
            Some(weight_gradient(&dy, x)?),
        ))
    }
}

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        lx: &Layout,
        w: &CpuStorage,
        lw: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let bias = floats("linear", b, lb)?;
        forward(
            floats("linear", x, lx)?,
            lx,
            floats("linear", w, lw)?,
            lw,
            Some(bias),
        )
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        _: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let dy = dy.contiguous()?;
        let bias = dy.apply_op1_no_bwd(&ColumnSum)?;
        Ok((
            Some(input_gradient(&dy, w)?),
            Some(weight_gradient(&dy, x)?),
            Some(bias),
        ))
    }
}

fn forward(
    x: &[f32],
    lx: &Layout,
    w: &[f32],
    lw: &Layout,
    bias: Option<&[f32]>,
) -> Result<(CpuStorage, Shape)> {
    let (rows, inputs) = lx.shape().dims2()?;
    let (outputs, _) = lw.shape().dims2()?;
    let mut y = vec![0f32; rows * outputs];
    if let Some(bias) = bias {
        y.par_chunks_mut(ROWS_PER_TASK * outputs).for_each(|part| {
            part.chunks_exact_mut(outputs)
                .for_each(|row| row.copy_from_slice(bias))
        });
    }
    multiply(
        Matrix {
            values: x,
            rows,
            columns: inputs,
            transposed: false,
        },
        Matrix {
            values: w,
            rows: outputs,
            columns: inputs,
            transposed: true,
        },
        bias.is_some(),
        &mut y,
    );
    Ok((CpuStorage::F32(y), Shape::from((rows, outputs))))
}

fn input_gradient(dy: &Tensor, w: &Tensor) -> Result<Tensor> {
    dy.apply_op2_no_bwd(
        w,
        &Product {
            transpose_left: false,
        },
    )
}

fn weight_gradient(dy: &Tensor, x: &Tensor) -> Result<Tensor> {
    dy.apply_op2_no_bwd(
        x,
        &Product {
            transpose_left: true,
        },
    )
}

/// `a · b`, or `aᵀ · b`.
struct Product {
    transpose_left: bool,
}

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "linear-backward"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        la: &Layout,
        b: &CpuStorage,
        lb: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, columns) = la.shape().dims2()?;
        let (b_rows, b_columns) = lb.shape().dims2()?;
        let left = Matrix {
            values: floats("linear-backward", a, la)?,
            rows,
            columns,
            transposed: self.transpose_left,
        };
        let right = Matrix {
            values: floats("linear-backward", b, lb)?,
            rows: b_rows,
            columns: b_columns,
            transposed: false,
        };
        let out_rows = if self.transpose_left { columns } else { rows };
        let mut out = vec![0f32; out_rows * b_columns];
        multiply(left, right, false, &mut out);
        Ok((CpuStorage::F32(out), Shape::from((out_rows, b_columns))))
    }
}

/// A row-major matrix as it lies in memory, and whether its transpose is meant.
struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl Matrix<'_> {
    /// Rows and columns of what is meant.
    fn shape(&self) -> (usize, usize) {
        if self.transposed {
            (self.columns, self.rows)
        } else {
            (self.rows, self.columns)
        }
    }

    /// Steps in memory from one row, and from one column, to the next of what is meant.
    fn strides(&self) -> (isize, isize) {
        let row = self.columns as isize;
        if self.transposed { (1, row) } else { (row, 1) }
    }
}

/// `out = left · right`, added to what `out` holds if `add`.
fn multiply(left: Matrix<'_>, right: Matrix<'_>, add: bool, out: &mut [f32]) {
    let ((m, k), (k2, n)) = (left.shape(), right.shape());
    assert_eq!(k, k2, "inner sizes of a matrix product");
    assert_eq!(out.len(), m * n, "size of a matrix product");
    assert_eq!(left.values.len(), m * k, "size of the left matrix");
    assert_eq!(right.values.len(), k * n, "size of the right matrix");
    let ((left_row, left_column), (right_row, right_column)) = (left.strides(), right.strides());
    // SAFETY: the assertions above say that the three slices hold exactly the rows and columns
    // that the strides walk, and `out` is borrowed mutably, so it overlaps neither operand.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            n as isize,
            add,
            left.values.as_ptr(),
            left_column,
            left_row,
            right.values.as_ptr(),
            right_column,
            right_row,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::Rayon(0),
        );
    }
}

/// `(rows, columns)` to the sum over rows `(columns)`.
struct ColumnSum;

impl CustomOp1 for ColumnSum {
    fn name(&self) -> &'static str {
        "column-sum"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, columns) = layout.shape().dims2()?;
        let x = floats("column-sum", x, layout)?;
        let partial: Vec<Vec<f32>> = x
            .par_chunks(ROWS_PER_TASK * columns.max(1))
            .map(|rows| {
                let mut sum = vec![0f32; columns];
                rows.chunks_exact(columns)
                    .for_each(|row| add_to(&mut sum, row));
                sum
            })
            .collect();
        let mut sum = vec![0f32; columns];
        partial.iter().for_each(|part| add_to(&mut sum, part));
        Ok((CpuStorage::F32(sum), Shape::from(columns)))
    }
}

vectorized! {
    /// `sum += row`, number by number.
    pub(crate) fn add_to(sum: &mut [f32], row: &[f32]) {
        for (sum, &value) in sum.iter_mut().zip(row) {
            *sum += value;
        }
    }
}
