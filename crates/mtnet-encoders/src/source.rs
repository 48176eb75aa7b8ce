//! From an `[encoder]` table to what a model is built from.
//!
//! There are two steps, since a tokenizer stands between them: [`EncoderSource::open`] finds the
//! published folder, whose tokenizer is then read, or reads the word vectors, whose words then join
//! the vocabulary of a new tokenizer; [`EncoderSource::prepare`] gives the parts for that vocabulary.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use mtnet_core::RandomStream;
use mtnet_kernels::Pooling;

use crate::{
    ConfigError, EncoderConfig, EncoderError, EncoderSpec, HubCache, InitialRows, Preset,
    PretrainedFolder, WordVectors, spelling_rows,
};

/// The longest sequence where the run file states none, in tokens.
const DEFAULT_MAX_LENGTH: usize = 512;

/// Standard deviation of embeddings beside columns of spelling where there are no word vectors.
const RANDOM_DEVIATION: f32 = 0.1;

/// Where an encoder comes from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EncoderSource {
    /// A published model, with its own tokenizer.
    Pretrained(PretrainedFolder),
    /// From scratch, for a tokenizer that is trained on the run's own text.
    Scratch {
        /// Which encoder.
        preset: Preset,
        /// What its embeddings start from, if not at random.
        word_vectors: Option<WordVectors>,
    },
}

/// What a model's encoder is built from.
#[derive(Clone, Debug)]
pub struct EncoderParts {
    /// Sizes and settings, for [`build_encoder`](crate::build_encoder).
    pub spec: EncoderSpec,
    /// Initial values, for [`ParamStore::with_tensors`](mtnet_kernels::ParamStore::with_tensors);
    /// what is not among them is drawn.
    pub tensors: BTreeMap<String, Tensor>,
    /// How a text's hidden rows become one.
    pub pooling: Pooling,
    /// The longest sequence in tokens.
    pub max_length: usize,
    /// Tensors of the published files that were not used.
    pub ignored: Vec<String>,
    /// How many tokens of the vocabulary start from a word vector.
    pub covered: usize,
}

impl EncoderSource {
    /// Finds what a table names. Relative paths start at `base`.
    ///
    /// # Errors
    /// If the table is wrong, or what it names is not there or cannot be read.
    pub fn open(
        config: &EncoderConfig,
        base: &Path,
        cache: &HubCache,
    ) -> Result<Self, EncoderError> {
        config.check().map_err(EncoderError::Settings)?;
        match (&config.from, config.preset) {
            (Some(from), _) => PretrainedFolder::find(from, base, cache).map(Self::Pretrained),
            (None, Some(preset)) => {
                let word_vectors = match &config.word_vectors {
                    Some(path) => Some(WordVectors::open(&base.join(path))?),
                    None => None,
                };
                Ok(Self::Scratch {
                    preset,
                    word_vectors,
                })
            }
            (None, None) => Err(EncoderError::Settings(ConfigError::Source {
                found: "none of",
            })),
        }
    }

    /// The parts for a tokenizer whose token `i` is `vocabulary[i]`. Rows of tokens without a
    /// word vector are drawn from `init`.
    ///
    /// # Errors
    /// If the settings do not fit the encoder, the tokenizer is not the encoder's, or the weights
    /// cannot be read.
    pub fn prepare(
        &self,
        config: &EncoderConfig,
        vocabulary: &[String],
        init: RandomStream,
        device: &Device,
    ) -> Result<EncoderParts, EncoderError> {
        match self {
            Self::Pretrained(folder) => pretrained(folder, config, vocabulary, device),
            Self::Scratch {
                preset,
                word_vectors,
            } => scratch(
                *preset,
                word_vectors.as_ref(),
                config,
                vocabulary,
                init,
                device,
            ),
        }
    }
}

fn pretrained(
    folder: &PretrainedFolder,
    config: &EncoderConfig,
    vocabulary: &[String],
    device: &Device,
) -> Result<EncoderParts, EncoderError> {
    let spec = overridden(folder.spec(), config).map_err(EncoderError::Settings)?;
    if vocabulary.len() > spec.vocab_size() {
        return Err(EncoderError::Vocabulary {
            tokens: vocabulary.len(),
            vocab_size: spec.vocab_size(),
        });
    }
    let pooling = match config.pooling {
        Some(pooling) => pooling,
        None => folder.pooling()?.unwrap_or(default_pooling(&spec)),
    };
    let weights = folder.weights(&spec, device)?;
    for name in &weights.ignored {
        tracing::debug!(tensor = %name, "not used by the encoder");
    }
    Ok(EncoderParts {
        max_length: max_length(config, &spec)?,
        spec,
        tensors: weights.tensors,
        pooling,
        ignored: weights.ignored,
        covered: 0,
    })
}

fn scratch(
    preset: Preset,
    word_vectors: Option<&WordVectors>,
    config: &EncoderConfig,
    vocabulary: &[String],
    init: RandomStream,
    device: &Device,
) -> Result<EncoderParts, EncoderError> {
    let pad = vocabulary
        .iter()
        .position(|token| token == "[PAD]" || token == "<pad>")
        .unwrap_or(0);
    let width = word_vectors.map(WordVectors::dim);
    if let (Some(width), Some(stated)) = (width, config.embedding_size)
        && width != stated
    {
        let expected = format!("{width}, the width of the word vectors; remove it");
        let error = ConfigError::value("embedding_size", stated, expected);
        return Err(EncoderError::Settings(error));
    }
    let spec = preset
        .spec(config, vocabulary.len(), pad as u32, width)
        .map_err(EncoderError::Settings)?;
    let mut tensors = BTreeMap::new();
    let initial = initial_embeddings(preset, word_vectors, config, vocabulary, init, device)?;
    let covered = initial.as_ref().map_or(0, |initial| initial.covered);
    if let Some(InitialRows { rows, .. }) = initial {
        tensors.insert("embeddings.word_embeddings.weight".to_owned(), rows);
    }
    Ok(EncoderParts {
        max_length: max_length(config, &spec)?,
        spec,
        tensors,
        pooling: config.pooling.unwrap_or(Pooling::Mean),
        ignored: Vec::new(),
        covered,
    })
}

/// The word embeddings that do not start at random: from word vectors, from the spelling, or a
/// part of the columns from each.
fn initial_embeddings(
    preset: Preset,
    word_vectors: Option<&WordVectors>,
    config: &EncoderConfig,
    vocabulary: &[String],
    init: RandomStream,
    device: &Device,
) -> Result<Option<InitialRows>, EncoderError> {
    let deviation = config.word_vectors_std.map(|deviation| deviation as f32);
    let own = word_vectors.map(WordVectors::standard_deviation);
    let words = match word_vectors {
        Some(vectors) => {
            let init = init.child("word-vectors");
            vectors.initial_rows(vocabulary, deviation, init, device)?
        }
        None if config.spelling_size.is_none() => return Ok(None),
        None => {
            let width = config.embedding_size;
            let width = width.unwrap_or_else(|| preset.embedding_size(config));
            let none = WordVectors::new(Vec::new(), width, Vec::new());
            let init = init.child("words");
            none.initial_rows(vocabulary, Some(RANDOM_DEVIATION), init, device)?
        }
    };
    let Some(size) = config.spelling_size else {
        return Ok(Some(words));
    };
    let deviation = deviation.or(own).unwrap_or(RANDOM_DEVIATION);
    let spelling = spelling_rows(vocabulary, size, deviation, init.child("spelling"), device)?;
    Ok(Some(InitialRows {
        rows: Tensor::cat(&[&words.rows, &spelling], 1)?,
        covered: words.covered,
    }))
}

/// A published specification with the dropouts and the number of layers that a table sets.
fn overridden(published: &EncoderSpec, config: &EncoderConfig) -> Result<EncoderSpec, ConfigError> {
    let mut spec = published.clone();
    match &mut spec {
        EncoderSpec::Transformer(spec) => {
            if let Some(layers) = config.layers {
                spec.num_layers = fewer(layers, spec.num_layers)?;
            }
            set(&mut spec.hidden_dropout, config.hidden_dropout);
            set(&mut spec.attention_dropout, config.attention_dropout);
            let embedding = config.embedding_dropout.or(config.hidden_dropout);
            set(&mut spec.embedding_dropout, embedding);
            set(&mut spec.layer_drop, config.layer_drop);
        }
        EncoderSpec::MtNet(spec) => {
            if let Some(layers) = config.layers {
                let layers = fewer(layers, spec.layers())?;
                spec.num_window_layers = spec.num_window_layers.min(layers);
                spec.num_hidden_layers = layers - spec.num_window_layers;
            }
            set(&mut spec.hidden_dropout_prob, config.hidden_dropout);
            let embedding = config.embedding_dropout.or(config.hidden_dropout);
            set(&mut spec.embedding_dropout_prob, embedding);
            set(&mut spec.token_dropout_prob, config.token_dropout);
            set(&mut spec.layer_drop_prob, config.layer_drop);
        }
    }
    spec.check()?;
    Ok(spec)
}

fn fewer(layers: usize, published: usize) -> Result<usize, ConfigError> {
    if layers <= published {
        Ok(layers)
    } else {
        let expected = format!("at most {published}, the layers that the model has");
        Err(ConfigError::value("layers", layers, expected))
    }
}

fn set(value: &mut f64, given: Option<f64>) {
    *value = given.unwrap_or(*value);
}

fn default_pooling(spec: &EncoderSpec) -> Pooling {
    match spec {
        EncoderSpec::Transformer(_) => Pooling::First,
        EncoderSpec::MtNet(_) => Pooling::Mean,
    }
}

fn max_length(config: &EncoderConfig, spec: &EncoderSpec) -> Result<usize, EncoderError> {
    let longest = spec.max_length();
    match config.max_length {
        None => Ok(longest.min(DEFAULT_MAX_LENGTH)),
        Some(length) if length <= longest => Ok(length),
        Some(length) => {
            let expected = format!("at most {longest}, the longest that the encoder reads");
            let error = ConfigError::value("max_length", length, expected);
            Err(EncoderError::Settings(error))
        }
    }
}
