//! What a weight file is when it is not what its name says.
//!
//! Pickles run code of their writer when they are read, and hide in archives, behind other names and
//! with checksums that only one reader minds. Nothing here unpacks or interprets any of them: the
//! first bytes are looked at, for a message that says what to do.

/// Magic bytes, where they stand, and what they mean.
const KNOWN: [(usize, &[u8], &str); 14] = [
    (
        0,
        b"PK\x03\x04",
        "a ZIP archive, as `torch.save` writes it around a pickle",
    ),
    (0, b"PK\x05\x06", "an empty ZIP archive"),
    (0, b"\x80\x02", "a Python pickle"),
    (0, b"\x80\x03", "a Python pickle"),
    (0, b"\x80\x04", "a Python pickle"),
    (0, b"\x80\x05", "a Python pickle"),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (0, b"\x1F\x8B", "a gzip file"),
    (0, b"\x93NUMPY", "a NumPy array, which can hold a pickle"),
    (0, b"\x89HDF\r\n", "an HDF5 file"),
    (0, b"GGUF", "a GGUF file"),
    (257, b"ustar", "a tar archive"),
    (
        0,
        b"version https://git-lfs",
        "a Git LFS pointer without its content; run `git lfs pull`",
    ),
    (0, b"<!DOCTYPE html", "a web page"),
];

/// What the bytes of a file that is no safetensors are, where they tell.
pub fn foreign_format(bytes: &[u8]) -> Option<&'static str> {
    let named = KNOWN.iter().find(|(at, magic, _)| {
        bytes
            .get(*at..)
            .is_some_and(|bytes| bytes.starts_with(magic))
    });
    match named {
        Some(&(_, _, name)) => Some(name),
        // Protocols 0 and 1 have no mark at their start: a global of a module, and a stop at the end.
        None if bytes.starts_with(b"c") && bytes.ends_with(b".") && bytes.contains(&b'\n') => {
            Some("a Python pickle")
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        for (bytes, expected) in [
            (&b"PK\x03\x04rest"[..], "ZIP"),
            (b"\x80\x04\x95rest", "pickle"),
            (b"cos\nsystem\n(S'true'\ntR.", "pickle"),
            (b"7z\xBC\xAF\x27\x1Crest", "7z"),
        ] {
            assert!(foreign_format(bytes).unwrap().contains(expected));
        }
        assert_eq!(foreign_format(b"\x08\0\0\0\0\0\0\0{}      "), None);
        assert_eq!(foreign_format(b""), None);
    }
}
