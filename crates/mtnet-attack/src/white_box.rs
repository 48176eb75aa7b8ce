//! The gradient of a task's loss at the word embeddings of a text.
//!
//! An embedding table collects the gradient of a piece over all its places in a text. To tell the
//! places apart, the same encoder is built over a table that has a row a *place* in place of a row a
//! piece: a text is then the ids `0, 1, 2, …`, each place's row holds its piece's embedding, and the
//! table's gradient `(places, embedding)` is that of the places. All other weights are frozen, so no
//! pass is spent on them.

use std::collections::BTreeMap;

use candle_core::{D, Tensor, Var};
use mtnet_core::{InputText, RandomStream, Target, TaskName};
use mtnet_encoders::{EncoderSpec, build_encoder};
use mtnet_heads::HeadRegistry;
use mtnet_kernels::{Mode, ParamStore};
use mtnet_model::{ModelFolder, MultiTaskModel};
use mtnet_text::{EncodeOptions, PackItem, TextTokenizer, Window, pack};

use crate::AttackError;
use crate::goal::Steer;

/// A model opened for gradients of one task.
#[derive(Debug)]
pub struct WhiteBox<'a> {
    folder: &'a ModelFolder,
    task: TaskName,
    model: MultiTaskModel,
    /// The table of places `(places, embedding)`.
    places: Var,
    /// The table of pieces `(pieces, embedding)`.
    pieces: Tensor,
    widths: BTreeMap<TaskName, usize>,
}

/// The gradient at the tokens of a text.
#[derive(Debug)]
pub(crate) struct Slope {
    /// The text's first window, which the gradient is of.
    pub(crate) window: Window,
    /// `(tokens, embedding)`, of the direction in which the attack wants to go.
    rows: Tensor,
}

impl<'a> WhiteBox<'a> {
    /// Builds the encoder over a table of places, with the head of one task.
    ///
    /// # Errors
    /// If the task is not in the model, or its encoder has no table of word embeddings.
    pub fn new(
        folder: &'a ModelFolder,
        task: &TaskName,
        registry: &HeadRegistry,
    ) -> Result<Self, AttackError> {
        let refuse = |problem: String| AttackError::WhiteBox { problem };
        let index = folder.model.task_index(task)?;
        let spec = folder.model.tasks()[index].spec.clone();
        let mut config = folder.model.encoder().config_json();
        let encoder = EncoderSpec::from_config_json(&config).map_err(|error| {
            refuse(format!(
                "its encoder is none of the built-in ones ({error})"
            ))
        })?;
        let table = table_name(&encoder).map_err(refuse)?;

        let store = folder.model.parameters();
        let heads = format!("heads.{task}.");
        let mut tensors: BTreeMap<String, Tensor> = store
            .vars()
            .into_iter()
            .filter(|(name, _)| !name.starts_with("heads.") || name.starts_with(&heads))
            .map(|(name, var)| (name, var.as_detached_tensor()))
            .collect();
        let Some(pieces) = tensors.get(&table).cloned() else {
            return Err(refuse(format!("it has no tensor `{table}`")));
        };
        let places = folder.max_length;
        let zeros = Tensor::zeros((places, pieces.dim(1)?), pieces.dtype(), pieces.device())?;
        tensors.insert(table.clone(), zeros);
        config["vocab_size"] = places.into();
        let encoder = EncoderSpec::from_config_json(&config)
            .map_err(|error| refuse(format!("its encoder cannot have {places} rows ({error})")))?;

        let trained = table.clone();
        let store = ParamStore::new(RandomStream::new(0), store.device())
            .with_tensors(tensors)
            .strict()
            .freeze(move |name| name != trained);
        let encoder = build_encoder(&encoder, store.builder()).map_err(|error| {
            refuse(format!("its encoder cannot be built over places ({error})"))
        })?;
        let widths = [(task.clone(), spec.labels.len())].into();
        let model =
            MultiTaskModel::new(encoder, folder.model.pooling(), vec![spec], registry, store)?;
        let Some(places) = model.parameters().get(&table) else {
            return Err(refuse(format!("its encoder does not read `{table}`")));
        };
        Ok(Self {
            folder,
            task: task.clone(),
            model,
            places,
            pieces,
            widths,
        })
    }

    /// The gradient of the task's loss against `target` at the embedding of each token of a text's
    /// first window, `(tokens, embedding)`.
    ///
    /// # Errors
    /// If the text cannot be encoded, or the model fails.
    pub fn gradient(
        &self,
        input: &InputText,
        target: &Target,
    ) -> Result<Vec<Vec<f32>>, AttackError> {
        let slope = self.slope(input, &Steer::away_from(target))?;
        Ok(slope.rows.to_vec2()?)
    }

    /// The tokenizer of the model.
    pub(crate) fn tokenizer(&self) -> &TextTokenizer {
        &self.folder.tokenizer
    }

    /// The first window of a text.
    pub(crate) fn encode(&self, input: &InputText) -> Result<Window, AttackError> {
        let options = EncodeOptions {
            max_length: self.folder.max_length,
            windows: true,
            overlap: None,
        };
        let encoded = self.folder.tokenizer.encode(input, &options)?;
        Ok(encoded.windows.into_iter().next().unwrap_or_default())
    }

    /// The gradient at each token of a text's first window.
    pub(crate) fn slope(&self, input: &InputText, steer: &Steer) -> Result<Slope, AttackError> {
        let window = self.encode(input)?;
        let tokens = window.input_ids.len();
        let item = PackItem {
            example: 0,
            window: &window,
            first: true,
            targets: vec![(&self.task, &steer.target)],
        };
        let mut batch = pack(&[item], &self.widths);
        batch.input_ids = (0..tokens as u32).collect();

        let (places, width) = self.places.dims2()?;
        let read = self.rows(&window.input_ids)?;
        let rest = Tensor::zeros((places - tokens, width), read.dtype(), read.device())?;
        self.places.set(&Tensor::cat(&[read, rest], 0)?)?;
        let losses = self.model.losses(&batch, &Mode::Eval)?;
        let rows = match losses.into_iter().flatten().next() {
            Some(loss) => {
                let store = loss.mean.backward()?;
                let Some(gradient) = store.get(&self.places) else {
                    return Err(AttackError::WhiteBox {
                        problem: "its encoder keeps no graph of a pass".to_owned(),
                    });
                };
                let sign = if steer.raise { 1.0 } else { -1.0 };
                (gradient.narrow(0, 0, tokens)?.contiguous()? * sign)?
            }
            // Nothing of the text has a label: no direction is better than another.
            None => Tensor::zeros((tokens, width), self.pieces.dtype(), self.pieces.device())?,
        };
        Ok(Slope { window, rows })
    }

    /// First-order gain of putting each piece of the vocabulary at each of some tokens, as rows of
    /// numbers.
    pub(crate) fn gains(
        &self,
        slope: &Slope,
        tokens: &[usize],
    ) -> Result<Vec<Vec<f32>>, AttackError> {
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        let (rows, current) = self.at(slope, tokens)?;
        let before = (&rows * &current)?.sum_keepdim(D::Minus1)?;
        let gains = rows.matmul(&self.pieces.t()?)?.broadcast_sub(&before)?;
        Ok(gains.to_vec2()?)
    }

    /// Cosines of the embeddings at some tokens with those of all pieces.
    pub(crate) fn cosines(
        &self,
        slope: &Slope,
        tokens: &[usize],
    ) -> Result<Vec<Vec<f32>>, AttackError> {
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        let (_, current) = self.at(slope, tokens)?;
        let unit = |rows: &Tensor| {
            let norms = (rows.sqr()?.sum_keepdim(D::Minus1)?.sqrt()? + 1e-12)?;
            rows.broadcast_div(&norms)
        };
        let cosines = unit(&current)?.matmul(&unit(&self.pieces)?.t()?)?;
        Ok(cosines.to_vec2()?)
    }

    /// How long the gradient is at each token: what a word matters.
    pub(crate) fn norms(&self, slope: &Slope) -> Result<Vec<f32>, AttackError> {
        Ok(slope.rows.sqr()?.sum(D::Minus1)?.sqrt()?.to_vec1()?)
    }

    fn at(&self, slope: &Slope, tokens: &[usize]) -> Result<(Tensor, Tensor), AttackError> {
        let indices: Vec<u32> = tokens.iter().map(|&token| token as u32).collect();
        let ids: Vec<u32> = tokens
            .iter()
            .map(|&token| slope.window.input_ids[token])
            .collect();
        let indices = Tensor::new(indices, slope.rows.device())?;
        Ok((slope.rows.index_select(&indices, 0)?, self.rows(&ids)?))
    }

    fn rows(&self, ids: &[u32]) -> Result<Tensor, AttackError> {
        let ids = Tensor::new(ids, self.pieces.device())?;
        Ok(self.pieces.index_select(&ids, 0)?)
    }
}

/// The one table with a row a piece in the layer of the embeddings.
fn table_name(spec: &EncoderSpec) -> Result<String, String> {
    let parameters = spec.parameters().map_err(|error| error.to_string())?;
    let tables: Vec<String> = parameters
        .into_iter()
        .filter(|(name, shape)| {
            spec.layer_of(name) == Some(0) && shape.len() == 2 && name.contains("word_embeddings")
        })
        .map(|(name, _)| name)
        .collect();
    match <[String; 1]>::try_from(tables) {
        Ok([name]) => Ok(name),
        Err(tables) => Err(format!(
            "found {} tables of word embeddings, expected one",
            tables.len()
        )),
    }
}
