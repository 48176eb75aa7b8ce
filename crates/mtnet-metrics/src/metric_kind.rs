//! The names of all metrics of this crate, each with its direction and unit.

use std::fmt;

use crate::{Direction, Unit};
use Direction::{HigherIsBetter, LowerIsBetter};
use Unit::{Coefficient, Fraction, Nats, Target, TargetSquared};

/// Declares the kinds and the table of what is known of each, which so cannot disagree.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $direction:ident, $unit:ident;)*) => {
        /// A metric that this crate computes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum MetricKind {
            $($(#[$doc])* $kind,)*
        }

        impl MetricKind {
            /// Every kind, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            fn entry(self) -> (&'static str, Direction, Unit) {
                match self {
                    $(Self::$kind => ($name, $direction, $unit),)*
                }
            }
        }
    };
}

kinds! {
    /// Share of examples with the right class.
    Accuracy = "accuracy", HigherIsBetter, Fraction;
    /// Mean recall over the true classes.
    BalancedAccuracy = "balanced_accuracy", HigherIsBetter, Fraction;
    /// F1 of each class or label, averaged.
    MacroF1 = "macro_f1", HigherIsBetter, Fraction;
    /// F1 of all decisions together.
    MicroF1 = "micro_f1", HigherIsBetter, Fraction;
    /// F1 of each class or label, averaged by its true count.
    WeightedF1 = "weighted_f1", HigherIsBetter, Fraction;
    /// F1 of each example's labels, averaged.
    SamplesF1 = "samples_f1", HigherIsBetter, Fraction;
    /// Precision of each class or label, averaged.
    MacroPrecision = "macro_precision", HigherIsBetter, Fraction;
    /// Recall of each class or label, averaged.
    MacroRecall = "macro_recall", HigherIsBetter, Fraction;
    /// Matthews correlation coefficient.
    MatthewsCorrelation = "mcc", HigherIsBetter, Coefficient;
    /// Cohen's kappa.
    CohenKappa = "cohen_kappa", HigherIsBetter, Coefficient;
    /// Share of examples with the right class among the most probable few.
    TopKAccuracy = "top_k_accuracy", HigherIsBetter, Fraction;
    /// Area under the receiver operating characteristic.
    RocAuc = "roc_auc", HigherIsBetter, Fraction;
    /// Area under the steps of the precision-recall curve.
    AveragePrecision = "average_precision", HigherIsBetter, Fraction;
    /// Negative logarithm of the true class's probability.
    LogLoss = "log_loss", LowerIsBetter, Nats;
    /// Squared distance of probabilities from the truth.
    BrierScore = "brier_score", LowerIsBetter, Coefficient;
    /// Mean distance of confidence from accuracy.
    ExpectedCalibrationError = "ece", LowerIsBetter, Fraction;
    /// Largest distance of confidence from accuracy.
    MaximumCalibrationError = "mce", LowerIsBetter, Fraction;
    /// Share of examples with exactly the right labels.
    SubsetAccuracy = "subset_accuracy", HigherIsBetter, Fraction;
    /// Share of wrong decisions over labels.
    HammingLoss = "hamming_loss", LowerIsBetter, Fraction;
    /// Label ranking average precision.
    LabelRankingAveragePrecision = "lrap", HigherIsBetter, Fraction;
    /// Pearson's correlation.
    Pearson = "pearson", HigherIsBetter, Coefficient;
    /// Spearman's rank correlation.
    Spearman = "spearman", HigherIsBetter, Coefficient;
    /// Kendall's rank correlation, tau-b.
    KendallTau = "kendall_tau", HigherIsBetter, Coefficient;
    /// Mean squared error.
    MeanSquaredError = "mse", LowerIsBetter, TargetSquared;
    /// Root of the mean squared error.
    RootMeanSquaredError = "rmse", LowerIsBetter, Target;
    /// Mean absolute error.
    MeanAbsoluteError = "mae", LowerIsBetter, Target;
    /// Coefficient of determination.
    RSquared = "r2", HigherIsBetter, Coefficient;
    /// Explained variance.
    ExplainedVariance = "explained_variance", HigherIsBetter, Coefficient;
    /// Micro F1 of entities.
    EntityF1 = "entity_f1", HigherIsBetter, Fraction;
    /// Micro precision of entities.
    EntityPrecision = "entity_precision", HigherIsBetter, Fraction;
    /// Micro recall of entities.
    EntityRecall = "entity_recall", HigherIsBetter, Fraction;
    /// F1 of each entity type, averaged.
    EntityMacroF1 = "entity_macro_f1", HigherIsBetter, Fraction;
    /// Share of tokens with the right tag.
    TokenAccuracy = "token_accuracy", HigherIsBetter, Fraction;
    /// Share of questions answered word for word.
    ExactMatch = "exact_match", HigherIsBetter, Fraction;
    /// F1 of the answer's words.
    AnswerF1 = "answer_f1", HigherIsBetter, Fraction;
    /// Share of words with the right head.
    UnlabeledAttachment = "uas", HigherIsBetter, Fraction;
    /// Share of words with the right head and relation.
    LabeledAttachment = "las", HigherIsBetter, Fraction;
    /// F1 of head and relation over content words.
    ContentLabeledAttachment = "clas", HigherIsBetter, Fraction;
    /// Mean of what training minimises; its unit is that of the loss function.
    Loss = "loss", LowerIsBetter, Coefficient;
}

impl MetricKind {
    /// As a run file or a report writes it.
    pub fn name(self) -> &'static str {
        self.entry().0
    }

    /// Which value is the better one.
    pub fn direction(self) -> Direction {
        self.entry().1
    }

    /// What it is counted in.
    pub fn unit(self) -> Unit {
        self.entry().2
    }

    /// The kind of a metric by name, also of one part, as `rmse/height`.
    pub fn from_name(name: &str) -> Option<Self> {
        let kind = name.split_once('/').map_or(name, |(kind, _)| kind);
        Self::ALL
            .iter()
            .copied()
            .find(|candidate| candidate.name() == kind)
    }
}

impl fmt::Display for MetricKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
