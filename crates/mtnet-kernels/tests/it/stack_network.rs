//! One small network twice: of this crate's candle operations, and as a stack.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor, Var};
use mtnet_core::{Offsets, RandomStream};
use mtnet_kernels::{
    Activation, Destination, EmbeddingParts, LayerParts, Mode, Precision, Purpose, RowGradients,
    Stack, StackConfig, StackGradients, StackInput, attention, dropout, embedding, layer_norm,
    linear, window_concat,
};

use crate::flat;

pub const VOCABULARY: usize = 50;
pub const POSITIONS: usize = 210;

pub fn config() -> StackConfig {
    StackConfig {
        embedding_size: 24,
        hidden: 24,
        inner: 40,
        heads: 3,
        layers: 2,
        activation: Activation::Gelu,
        layer_norm_eps: 1e-6,
        window_radius: 0,
        embedding_dropout: 0.0,
        attention_dropout: 0.0,
        attention_output_dropout: 0.0,
        output_dropout: 0.0,
        layer_drop: 0.0,
    }
}

pub fn with_dropout(config: StackConfig) -> StackConfig {
    StackConfig {
        embedding_dropout: 0.1,
        attention_dropout: 0.2,
        attention_output_dropout: 0.15,
        output_dropout: 0.3,
        ..config
    }
}

/// A batch of ids.
pub struct Batch {
    pub input_ids: Vec<u32>,
    pub position_ids: Vec<u32>,
    pub type_ids: Vec<u32>,
    pub offsets: Arc<Offsets>,
}

impl Batch {
    pub fn new(lengths: &[usize]) -> Self {
        let offsets = Offsets::from_lengths(lengths.iter().copied());
        let mut stream = RandomStream::new(21).child("ids");
        let mut draw = |bound| (0..offsets.total()).map(|_| stream.below(bound)).collect();
        Self {
            input_ids: draw(VOCABULARY as u32),
            type_ids: draw(2),
            position_ids: offsets
                .ranges()
                .flat_map(|range| 0..range.len() as u32)
                .map(|position| position % (POSITIONS as u32 - 2) + 2)
                .collect(),
            offsets: Arc::new(offsets),
        }
    }

    pub fn input(&self) -> StackInput<'_> {
        StackInput {
            input_ids: &self.input_ids,
            position_ids: &self.position_ids,
            type_ids: &self.type_ids,
            offsets: &self.offsets,
            shift: None,
        }
    }
}

/// The parameters.
pub struct Network {
    pub config: StackConfig,
    pub layers: Vec<LayerParts<Var>>,
    pub embeddings: EmbeddingParts<Var>,
}

/// The gradients of all parameters: of the layers from the lowest, then of the embeddings.
pub struct Gradients {
    pub layers: Vec<LayerParts<Vec<f32>>>,
    pub embeddings: EmbeddingParts<Vec<f32>>,
    pub touched: [Vec<u32>; 3],
}

impl Network {
    /// `types` is the number of segments that it tells apart, 0 for no table.
    pub fn new(config: StackConfig, types: usize) -> Result<Self> {
        let (width, hidden, inner) = (config.embedding_size, config.hidden, config.inner);
        let mut stream = RandomStream::new(5).child("weights");
        let mut var = |shape: &[usize], scale: f64, mean: f64| {
            let count = shape.iter().product();
            let values: Vec<f32> = (0..count)
                .map(|_| (mean + scale * stream.normal()) as f32)
                .collect();
            Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu)?)
        };
        let layers = (0..config.layers)
            .map(|_| {
                let square = 1.5 / (hidden as f64).sqrt();
                let narrow = 1.0 / (inner as f64).sqrt();
                let (full, long) = ([hidden, hidden], [inner, hidden]);
                Ok(LayerParts {
                    query_weight: var(&full, square, 0.0)?,
                    query_bias: var(&[hidden], 0.3, 0.0)?,
                    key_weight: var(&full, square, 0.0)?,
                    key_bias: var(&[hidden], 0.3, 0.0)?,
                    value_weight: var(&full, square, 0.0)?,
                    value_bias: var(&[hidden], 0.3, 0.0)?,
                    attention_output_weight: var(&full, square, 0.0)?,
                    attention_output_bias: var(&[hidden], 0.3, 0.0)?,
                    attention_norm_weight: var(&[hidden], 0.2, 1.0)?,
                    attention_norm_bias: var(&[hidden], 0.3, 0.0)?,
                    intermediate_weight: var(&long, square, 0.0)?,
                    intermediate_bias: var(&[inner], 0.3, 0.0)?,
                    output_weight: var(&[hidden, inner], narrow, 0.0)?,
                    output_bias: var(&[hidden], 0.3, 0.0)?,
                    output_norm_weight: var(&[hidden], 0.2, 1.0)?,
                    output_norm_bias: var(&[hidden], 0.3, 0.0)?,
                })
            })
            .collect::<Result<_>>()?;
        let wide = (2 * config.window_radius + 1) * width;
        let embeddings = EmbeddingParts {
            words: var(&[VOCABULARY, width], 1.0, 0.0)?,
            positions: var(&[POSITIONS, width], 0.5, 0.0)?,
            types: match types {
                0 => None,
                rows => Some(var(&[rows, width], 0.5, 0.0)?),
            },
            norm_weight: var(&[width], 0.2, 1.0)?,
            norm_bias: var(&[width], 0.3, 0.0)?,
            projection: if config.has_projection() {
                let scale = 1.0 / (wide as f64).sqrt();
                Some((var(&[hidden, wide], scale, 0.0)?, var(&[hidden], 0.3, 0.0)?))
            } else {
                None
            },
        };
        Ok(Self {
            config,
            layers,
            embeddings,
        })
    }

    /// Hidden rows by candle's operations.
    pub fn plain(&self, batch: &Batch, mode: &Mode) -> Result<Tensor> {
        let config = &self.config;
        let ids = |ids: &[u32]| Tensor::new(ids, &Device::Cpu);
        let tables = &self.embeddings;
        let inner_mode = mode.child("embeddings");
        let mut sum = (embedding(&tables.words, &ids(&batch.input_ids)?)?
            + embedding(&tables.positions, &ids(&batch.position_ids)?)?)?;
        if let Some(types) = &tables.types {
            let type_ids = ids(&batch.type_ids)?;
            let type_ids = match types.dims()[0] {
                1 => type_ids.zeros_like()?,
                _ => type_ids,
            };
            sum = (sum + embedding(types, &type_ids)?)?;
        }
        let (weight, bias, eps) = (
            &tables.norm_weight,
            &tables.norm_bias,
            config.layer_norm_eps,
        );
        let normed = layer_norm(&sum, None, weight, bias, eps)?;
        let mut x = dropout(&normed, &inner_mode.dropout(config.embedding_dropout))?;
        if let Some((weight, bias)) = &tables.projection {
            if config.window_radius > 0 {
                x = window_concat(&x, &batch.offsets, config.window_radius)?;
            }
            x = linear(&x, weight, Some(bias), Activation::Identity)?;
        }
        for (index, layer) in self.layers.iter().enumerate() {
            let mode = mode.child("layers").at(index as u64);
            let map = |x: &Tensor, weight: &Var, bias: &Var| {
                linear(x, weight, Some(bias), Activation::Identity)
            };
            let mixed = attention(
                &map(&x, &layer.query_weight, &layer.query_bias)?,
                &map(&x, &layer.key_weight, &layer.key_bias)?,
                &map(&x, &layer.value_weight, &layer.value_bias)?,
                &batch.offsets,
                config.heads,
                &mode.child("attention").dropout(config.attention_dropout),
            )?;
            let mixed = dropout(
                &map(
                    &mixed,
                    &layer.attention_output_weight,
                    &layer.attention_output_bias,
                )?,
                &mode
                    .child("attention-output")
                    .dropout(config.attention_output_dropout),
            )?;
            let (weight, bias) = (&layer.attention_norm_weight, &layer.attention_norm_bias);
            x = layer_norm(&mixed, Some(&x), weight, bias, eps)?;
            let (weight, bias) = (&layer.intermediate_weight, &layer.intermediate_bias);
            let inner = linear(&x, weight, Some(bias), config.activation)?;
            let inner = dropout(
                &map(&inner, &layer.output_weight, &layer.output_bias)?,
                &mode.child("output").dropout(config.output_dropout),
            )?;
            let (weight, bias) = (&layer.output_norm_weight, &layer.output_norm_bias);
            x = layer_norm(&inner, Some(&x), weight, bias, eps)?;
        }
        Ok(x)
    }

    /// The values of all parameters.
    pub fn values(&self) -> Result<Values> {
        let values = |var: &Var| flat(var).expect("the variables are f32");
        let EmbeddingParts {
            words,
            positions,
            types,
            norm_weight,
            norm_bias,
            projection,
        } = &self.embeddings;
        Ok(Values {
            layers: self
                .layers
                .iter()
                .map(|layer| layer.as_ref().map(values))
                .collect(),
            embeddings: EmbeddingParts {
                words: flat(words)?,
                positions: flat(positions)?,
                types: types.as_ref().map(values),
                norm_weight: flat(norm_weight)?,
                norm_bias: flat(norm_bias)?,
                projection: match projection {
                    None => None,
                    Some((weight, bias)) => Some((flat(weight)?, flat(bias)?)),
                },
            },
        })
    }

    /// The same network as a stack, for training in `f32`.
    pub fn stack(&self) -> Result<(Stack, Values)> {
        self.stack_in(Precision::F32, true)
    }

    /// The same in some precision.
    pub fn stack_in(&self, precision: Precision, for_training: bool) -> Result<(Stack, Values)> {
        let values = self.values()?;
        let mut stack = Stack::new(self.config.clone())?;
        let purpose = Purpose {
            precision,
            for_training,
        };
        stack.pack(&values.layer_slices(), &values.embedding_slices(), purpose)?;
        Ok((stack, values))
    }

    /// Names, variables and gradients, side by side.
    pub fn compare<'a>(&'a self, gradients: &'a Gradients) -> Vec<(String, &'a Var, &'a [f32])> {
        let mut all = Vec::new();
        for (index, (layer, found)) in self.layers.iter().zip(&gradients.layers).enumerate() {
            let vars = layer.as_ref().into_array();
            for (at, (var, found)) in vars
                .into_iter()
                .zip(found.as_ref().into_array())
                .enumerate()
            {
                all.push((format!("part {at} of layer {index}"), var, &**found));
            }
        }
        let (vars, found) = (&self.embeddings, &gradients.embeddings);
        all.push(("words".into(), &vars.words, &found.words));
        all.push(("positions".into(), &vars.positions, &found.positions));
        if let (Some(var), Some(found)) = (&vars.types, &found.types) {
            all.push(("types".into(), var, found));
        }
        all.push(("norm weight".into(), &vars.norm_weight, &found.norm_weight));
        all.push(("norm bias".into(), &vars.norm_bias, &found.norm_bias));
        if let (Some((weight, bias)), Some(found)) = (&vars.projection, &found.projection) {
            all.push(("projection weight".into(), weight, &found.0));
            all.push(("projection bias".into(), bias, &found.1));
        }
        all
    }
}

/// The values of all parameters of a network.
pub struct Values {
    layers: Vec<LayerParts<Vec<f32>>>,
    embeddings: EmbeddingParts<Vec<f32>>,
}

impl Values {
    pub fn layer_slices(&self) -> Vec<LayerParts<&[f32]>> {
        self.layers
            .iter()
            .map(|layer| layer.as_ref().map(|values| &**values))
            .collect()
    }

    pub fn embedding_slices(&self) -> EmbeddingParts<&[f32]> {
        let EmbeddingParts {
            words,
            positions,
            types,
            norm_weight,
            norm_bias,
            projection,
        } = &self.embeddings;
        EmbeddingParts {
            words,
            positions,
            types: types.as_deref(),
            norm_weight,
            norm_bias,
            projection: projection
                .as_ref()
                .map(|(weight, bias)| (&**weight, &**bias)),
        }
    }

    /// Zeros in the same shapes.
    pub fn zeros(&self) -> Gradients {
        let zeros = |values: &Vec<f32>| vec![0f32; values.len()];
        let tables = &self.embeddings;
        Gradients {
            layers: self
                .layers
                .iter()
                .map(|layer| layer.as_ref().map(zeros))
                .collect(),
            embeddings: EmbeddingParts {
                words: zeros(&tables.words),
                positions: zeros(&tables.positions),
                types: tables.types.as_ref().map(zeros),
                norm_weight: zeros(&tables.norm_weight),
                norm_bias: zeros(&tables.norm_bias),
                projection: tables
                    .projection
                    .as_ref()
                    .map(|(weight, bias)| (zeros(weight), zeros(bias))),
            },
            touched: Default::default(),
        }
    }
}

impl Gradients {
    /// For a backward pass that trains everything.
    pub fn all(&mut self) -> StackGradients<'_> {
        self.through(|values| Destination::adding(values))
    }

    /// As [`all`](Self::all), over numbers that are not to count.
    pub fn all_over(&mut self) -> StackGradients<'_> {
        self.through(|values| {
            values.fill(9.0);
            Destination::overwriting(values)
        })
    }

    fn through<'a>(
        &'a mut self,
        to: impl Fn(&'a mut Vec<f32>) -> Destination<'a>,
    ) -> StackGradients<'a> {
        let [words, positions, types] = &mut self.touched;
        fn rows<'a>(values: &'a mut [f32], touched: &'a mut Vec<u32>) -> Option<RowGradients<'a>> {
            Some(RowGradients { values, touched })
        }
        let tables = &mut self.embeddings;
        StackGradients {
            layers: self
                .layers
                .iter_mut()
                .map(|layer| layer.as_mut().map(|values| Some(to(values))))
                .collect(),
            embeddings: EmbeddingParts {
                words: rows(&mut tables.words, words),
                positions: rows(&mut tables.positions, positions),
                types: tables.types.as_mut().map(|values| rows(values, types)),
                norm_weight: Some(to(&mut tables.norm_weight)),
                norm_bias: Some(to(&mut tables.norm_bias)),
                projection: tables
                    .projection
                    .as_mut()
                    .map(|(weight, bias)| (Some(to(weight)), Some(to(bias)))),
            },
            at_input: None,
        }
    }
}
