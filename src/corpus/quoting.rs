//! Tells a record that really spans lines from one that a stray or unclosed quote has run together with its
//! neighbours: the CSV parser accepts both.

/// Whether the raw bytes of one record quote as RFC 4180 says: a quoted field ends before a delimiter, a line end or
/// the end of the record, and no quote is left open.
pub fn is_sound(raw: &[u8], delimiter: u8) -> bool {
    let mut at = 0;
    while at < raw.len() {
        if raw[at] == b'"' {
            at += 1;
            loop {
                match raw[at..].iter().position(|&b| b == b'"') {
                    None => return false,
                    Some(quote) if raw.get(at + quote + 1) == Some(&b'"') => at += quote + 2,
                    Some(quote) => {
                        at += quote + 1;
                        break;
                    }
                }
            }
            match raw.get(at) {
                None => return true,
                Some(&b) if b == delimiter || b == b'\r' || b == b'\n' => at += 1,
                Some(_) => return false,
            }
        } else {
            match raw[at..].iter().position(|&b| b == delimiter || b == b'\n') {
                None => return true,
                Some(end) => at += end + 1,
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn records_that_span_lines_are_sound() {
        for raw in ["a,b,c", "a,\"b\nc\",d\n", "\"a \"\"b\"\" c\",\"\"\r\n", "a,5\" gun,b", "\"a\"", ""] {
            assert!(is_sound(raw.as_bytes(), b','), "{raw}");
        }
    }

    #[test]
    fn run_together_records_are_not() {
        for raw in ["1,\"abc\n2,\"def\"\n", "1,\"abc\n2,def\n", "\"a\"b,c"] {
            assert!(!is_sound(raw.as_bytes(), b','), "{raw}");
        }
    }
}
