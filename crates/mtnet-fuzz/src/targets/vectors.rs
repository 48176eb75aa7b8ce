//! Word vectors, as text and in word2vec's binary form.

use mtnet_encoders::WordVectors;

use super::{Outcome, Target, scratch, told, write};

pub(super) const TEXT: Target = Target {
    name: "word-vectors",
    dictionary: &[
        "2 3\n",
        "0 0\n",
        "18446744073709551615 18446744073709551615\n",
        "nan",
        "1e39",
        "-0",
        " \t ",
        "\u{a0}",
        "\r\n",
    ],
    run: text,
};

pub(super) const BINARY: Target = Target {
    name: "word2vec",
    dictionary: &[
        "2 3\n",
        "0 0\n",
        "1 4611686018427387904\n",
        "18446744073709551615 18446744073709551615\n",
        "\0\0\u{80}\u{7f}",
        " ",
        "\n",
    ],
    run: binary,
};

fn text(bytes: &[u8]) -> Outcome {
    read(bytes, "vectors.txt")
}

fn binary(bytes: &[u8]) -> Outcome {
    read(bytes, "vectors.bin")
}

/// Messages name the file, which is all the place that a wrong count has.
fn read(bytes: &[u8], name: &str) -> Outcome {
    let path = scratch().join(name);
    write(&path, bytes);
    match WordVectors::open(&path) {
        Ok(vectors) => {
            assert_eq!(vectors.data().len(), vectors.words().len() * vectors.dim());
            Outcome::Read
        }
        Err(error) => {
            let message = told(&error);
            Outcome::Refused {
                placed: message.contains(name),
                message,
            }
        }
    }
}
