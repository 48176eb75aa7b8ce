//! The parameters of a model as plain numbers, by name.

use mtnet_encoders::EncoderSpec;
use mtnet_kernels::ParamStore;
use mtnet_model::ModelFolder;

use crate::ExportError;

/// A tensor in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weight {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f32>,
}

/// The parameters of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'a>(&'a ParamStore);

impl<'a> Weights<'a> {
    pub(crate) fn of(folder: &'a ModelFolder) -> Self {
        Self(folder.model.parameters())
    }

    /// The parameter of that name.
    pub(crate) fn get(&self, name: &str) -> Result<Weight, ExportError> {
        let var = self.0.get(name).ok_or_else(|| {
            candle_core::Error::Msg(format!("the model has no parameter `{name}`"))
        })?;
        let tensor = var.as_tensor();
        Ok(Weight {
            shape: tensor.dims().to_vec(),
            values: tensor
                .to_dtype(candle_core::DType::F32)?
                .flatten_all()?
                .to_vec1()?,
        })
    }
}

impl Weight {
    pub(crate) fn new(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { shape, values }
    }

    pub(crate) fn zeros(shape: Vec<usize>) -> Self {
        let count = shape.iter().product();
        Self::new(shape, vec![0.0; count])
    }

    /// The square matrix with `value` on its diagonal.
    pub(crate) fn diagonal(size: usize, value: f32) -> Self {
        let mut matrix = Self::zeros(vec![size, size]);
        (0..size).for_each(|at| matrix.values[at * size + at] = value);
        matrix
    }

    /// A matrix `(rows, columns)` turned into `(columns, rows)`.
    pub(crate) fn transposed(&self) -> Self {
        let (rows, columns) = (self.shape[0], self.shape[1]);
        let mut values = Vec::with_capacity(self.values.len());
        for column in 0..columns {
            values.extend((0..rows).map(|row| self.values[row * columns + column]));
        }
        Self::new(vec![columns, rows], values)
    }
}

/// What the encoder of a model is.
pub(crate) fn encoder_spec(folder: &ModelFolder) -> Result<EncoderSpec, ExportError> {
    let config = folder.model.encoder().config_json();
    Ok(EncoderSpec::from_config_json(&config)?)
}
