//! What a text task can be answered with by classical means: the yardstick for every encoder.
//!
//! | target | model | features |
//! |---|---|---|
//! | one label | multinomial logistic regression | TF-IDF of words, word pairs and characters |
//! | any number of labels | a logistic regression a label | the same |
//! | numbers | ridge regression | the same; of a pair the distance and the product of both texts |
//! | a tag a word | averaged structured perceptron | the word, its parts and shape, its neighbours |
//! | an answer to a question | sliding window | the question's words around each span |
//!
//! [`Baseline::fit`] learns from the training examples and chooses the strength of the penalty, or
//! the epoch, by a score of the caller's on the development examples. Everything is a function of
//! its input: the same examples give the same model, on one thread.
//!
//! ```
//! use mtnet_baselines::{Baseline, Examples, Options};
//! use mtnet_core::{InputText, Segment, Target, TargetKind};
//!
//! let texts = ["a lovely film", "dull and long", "lovely music", "a dull plot"]
//!     .map(|text| InputText::Single(Segment::from_text(text)));
//! let targets = [1, 0, 1, 0].map(Target::Class);
//! let train = Examples::new(texts.iter().zip(&targets));
//! let baseline = Baseline::fit(TargetKind::Label, 2, &train, &train, Options::default(), |_| None)?;
//!
//! let text = InputText::Single(Segment::from_text("what a lovely plot"));
//! assert_eq!(baseline.predict(&[&text])?[0].answer, Target::Class(1));
//! # Ok::<(), mtnet_baselines::BaselineError>(())
//! ```

mod baseline;
mod error;
mod features;
mod linear;
mod sliding_window;
mod tagger;

pub use baseline::{Baseline, Examples, Options, Prediction};
pub use error::BaselineError;
pub use features::{Analyzer, SparseRows, TextFeatures, TfIdf, TfIdfOptions};
pub use linear::{LinearModel, LinearOptions, Link};
pub use tagger::{PerceptronOptions, PerceptronTagger};
