//! Schemes that write entities as one tag a token, such as `B-PER I-PER O`.
//!
//! A tag is a letter, a dash and the type of the entity; `O` is outside of any. `I` is inside, `B`
//! begins, `E` (in BILOU `L`) ends, and `S` (in BILOU `U`) is an entity of one token. Ramshaw and
//! Marcus 1995; Tjong Kim Sang and Veenstra 1999, *Representing text chunks*, §2; Ratinov and Roth
//! 2009, *Design challenges and misconceptions in named entity recognition*, §3.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which letters stand where. Serialized in lower case, as `iob2`; `bio` and `bioes` are read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// `B` only where an entity follows one of the same type without a gap.
    Iob1,
    /// Every entity begins with `B`; also called BIO.
    #[serde(alias = "bio")]
    Iob2,
    /// `E` only where an entity of the same type follows without a gap.
    Ioe1,
    /// Every entity ends with `E`.
    Ioe2,
    /// `B` begins, `E` ends, `S` is single; also called BIOES.
    #[serde(alias = "bioes")]
    Iobes,
    /// `B` begins, `L` ends, `U` is single.
    Bilou,
}

impl Scheme {
    /// The letters that a tag may begin with.
    pub fn letters(self) -> &'static str {
        match self {
            Self::Iob1 | Self::Iob2 => "BIO",
            Self::Ioe1 | Self::Ioe2 => "EIO",
            Self::Iobes => "BIOES",
            Self::Bilou => "BILOU",
        }
    }

    /// The letter by its meaning in IOBES.
    pub(super) fn canonical(self, letter: char) -> char {
        match (self, letter) {
            (Self::Bilou, 'L') => 'E',
            (Self::Bilou, 'U') => 'S',
            _ => letter,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Iob1 => "IOB1",
            Self::Iob2 => "IOB2",
            Self::Ioe1 => "IOE1",
            Self::Ioe2 => "IOE2",
            Self::Iobes => "IOBES",
            Self::Bilou => "BILOU",
        })
    }
}
