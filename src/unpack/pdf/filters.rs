//! Filters of streams (ISO 32000-1, 7.4): compressions, which go through the limits, encodings, and predictors.

use std::io::{self, Read};

use super::super::capped::{Codec, decoder};
use super::object::{Object, from_hexadecimal};
use super::{Document, STREAM, Stream};

/// What a packed stream was before it was packed (7.4.4.4).
struct Predictor {
    kind: u32,
    colors: usize,
    bits: usize,
    columns: usize,
}

impl Document<'_> {
    /// What a stream holds; none if it is an image or such by its filter.
    pub(super) fn content(&self, stream: &Stream<'_>) -> io::Result<Option<Vec<u8>>> {
        let mut content = stream.raw.to_vec();
        let filters = self.listed(&stream.dict, &["Filter", "F"]);
        let parameters = self.listed(&stream.dict, &["DecodeParms", "DP"]);
        for (at, filter) in filters.iter().enumerate() {
            let Some(Object::Name(name)) = self.resolved(filter) else { continue };
            let parameters = parameters.get(at).and_then(|object| self.resolved(object));
            let parameters = parameters.unwrap_or(Object::List(Vec::new()));
            content = match name.as_slice() {
                b"FlateDecode" | b"Fl" => {
                    let content = self.unpacked(Codec::Zlib, &content)?;
                    predicted(content, &self.predictor(&parameters))
                }
                b"LZWDecode" | b"LZW" => {
                    let early = self.number(&parameters, "EarlyChange").is_none_or(|it| it != 0);
                    let content = self.unpacked(Codec::Lzw { early }, &content)?;
                    predicted(content, &self.predictor(&parameters))
                }
                b"ASCIIHexDecode" | b"AHx" => from_hexadecimal(&content),
                b"ASCII85Decode" | b"A85" => from_base85(&content),
                b"RunLengthDecode" | b"RL" => self.runs(&content)?,
                b"DCTDecode" | b"DCT" | b"JPXDecode" | b"CCITTFaxDecode" | b"CCF"
                | b"JBIG2Decode" => return Ok(None),
                other => {
                    let name = String::from_utf8_lossy(other).into_owned();
                    return Err(io::Error::other(format!("its filter is not known: {name}")));
                }
            };
        }
        Ok(Some(content))
    }

    /// The list under the first of the keys that is there; one that stands alone counts as a list.
    fn listed(&self, dict: &Object, keys: &[&str]) -> Vec<Object> {
        match keys.iter().find_map(|key| self.get(dict, key)) {
            Some(Object::List(all)) => all,
            Some(one) => vec![one],
            None => Vec::new(),
        }
    }

    #[expect(clippy::cast_sign_loss, reason = "a negative one becomes zero")]
    fn number(&self, dict: &Object, key: &str) -> Option<u32> {
        self.get(dict, key).and_then(|object| object.number()).map(|number| number as u32)
    }

    fn predictor(&self, parameters: &Object) -> Predictor {
        let number = |key, default| self.number(parameters, key).unwrap_or(default);
        Predictor {
            kind: number("Predictor", 1),
            colors: number("Colors", 1) as usize,
            bits: number("BitsPerComponent", 8) as usize,
            columns: number("Columns", 1) as usize,
        }
    }

    fn unpacked(&self, codec: Codec, packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        let mut stream = decoder(codec, packed, self.walk.budget).take(STREAM + 1);
        let result = stream.read_to_end(&mut content);
        if content.len() as u64 > STREAM {
            return Err(too_long());
        }
        // Checksums are missing now and then: what came out is what there is.
        match result {
            Err(error) if content.is_empty() => Err(error),
            _ => Ok(content),
        }
    }

    /// A length, and as many bytes or one byte so often (7.4.5).
    fn runs(&self, mut packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        while let [length, rest @ ..] = packed {
            let length = usize::from(*length);
            match length {
                128 => break,
                0..128 => {
                    let (run, rest) = rest.split_at(rest.len().min(length + 1));
                    content.extend_from_slice(run);
                    packed = rest;
                }
                _ => {
                    let [byte, rest @ ..] = rest else { break };
                    content.extend(std::iter::repeat_n(*byte, 257 - length));
                    packed = rest;
                }
            }
            if content.len() as u64 > STREAM {
                return Err(too_long());
            }
        }
        self.walk.budget.add(content.len() as u64)?;
        Ok(content)
    }
}

fn too_long() -> io::Error {
    io::Error::other(format!("limit: it has more than {STREAM} bytes"))
}

/// Undoes a predictor: 2 is TIFF's, of which the form with a byte for each component is undone, and 10 and above
/// are PNG's, where each row says which (PNG specification, "Filter Algorithms").
fn predicted(content: Vec<u8>, predictor: &Predictor) -> Vec<u8> {
    let &Predictor { kind, colors, bits, columns } = predictor;
    let size = colors.saturating_mul(bits);
    let (pixel, row) = (size.div_ceil(8).max(1), size.saturating_mul(columns).div_ceil(8));
    if row == 0 || row > content.len() {
        return content;
    }
    match kind {
        2 if bits == 8 => tiff(content, pixel, row),
        10.. => png(&content, pixel, row),
        _ => content,
    }
}

fn tiff(mut content: Vec<u8>, pixel: usize, row: usize) -> Vec<u8> {
    for row in content.chunks_mut(row) {
        for at in pixel..row.len() {
            row[at] = row[at].wrapping_add(row[at - pixel]);
        }
    }
    content
}

fn png(content: &[u8], pixel: usize, row: usize) -> Vec<u8> {
    let mut all = Vec::with_capacity(content.len());
    let mut above = vec![0; row];
    for packed in content.chunks(row + 1) {
        let Some((kind, packed)) = packed.split_first() else { break };
        let mut own = packed.to_vec();
        for at in 0..own.len() {
            let left = at.checked_sub(pixel).map_or(0, |left| own[left]);
            let corner = at.checked_sub(pixel).map_or(0, |left| above[left]);
            let guess = match kind {
                1 => left,
                2 => above[at],
                3 => u8::midpoint(left, above[at]),
                4 => paeth(left, above[at], corner),
                _ => 0,
            };
            own[at] = own[at].wrapping_add(guess);
        }
        all.extend_from_slice(&own);
        above[..own.len()].copy_from_slice(&own);
    }
    all
}

/// Whichever of the three is nearest to what a plane through them would have.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let distance = |of: i16| (a + b - c - of).abs();
    if distance(a) <= distance(b) && distance(a) <= distance(c) {
        left
    } else if distance(b) <= distance(c) {
        above
    } else {
        corner
    }
}

/// Groups of five digits of base 85 (7.4.3).
fn from_base85(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut group, mut count) = (Vec::new(), 0_u32, 0);
    for &byte in text {
        match byte {
            b'~' => break,
            b'z' if count == 0 => bytes.extend([0; 4]),
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    bytes.extend(group.to_be_bytes());
                    (group, count) = (0, 0);
                }
            }
            _ => {}
        }
    }
    if count > 1 {
        for _ in count..5 {
            group = group.wrapping_mul(85).wrapping_add(84);
        }
        bytes.extend(&group.to_be_bytes()[..count - 1]);
    }
    bytes
}
