//! The framing of records:
//!
//! ```text
//! length u64 | masked crc32c of length u32 | data | masked crc32c of data u32      (little endian)
//! masked(c) = rotate_right(c, 15) + 0xa282ead8
//! ```
//!
//! TensorFlow's `record_writer.cc` and `crc32c.h`; the mask keeps a checksum of data that holds
//! checksums from being a fixed point.

/// A record of `data`.
pub fn framed(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(data.len() + 16);
    record.extend(length);
    record.extend(masked(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked(data).to_le_bytes());
    record
}

fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-32C is that of RFC 3720, B.4 (32 bytes of zeros: 8a9136aa).
    #[test]
    fn a_record_is_framed_as_tensorflow_does() {
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        let record = framed(b"abc");
        assert_eq!(record.len(), 8 + 4 + 3 + 4);
        assert_eq!(&record[..8], &[3, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(&record[12..15], b"abc");
        let sum = u32::from_le_bytes([record[15], record[16], record[17], record[18]]);
        let unmasked = sum.wrapping_sub(0xa282_ead8).rotate_left(15);
        assert_eq!(unmasked, crc32c::crc32c(b"abc"));
    }
}
