//! Reading the small languages that attributes are written in: versions, instants, addresses.
//!
//! Nothing here returns an `Option`: what goes wrong is kept until the end, which takes half the WebAssembly.

/// A place in a text, and whether all before it was as it should be.
pub(crate) struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
    is_wrong: bool,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Cursor {
            text,
            at: 0,
            is_wrong: false,
        }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next byte; 0 at the end, which is in none of these languages.
    pub(crate) fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or_default()
    }

    /// The next byte, which is left behind.
    pub(crate) fn next(&mut self) -> u8 {
        let byte = self.peek();
        self.at = self.at.saturating_add(1);
        byte
    }

    /// Whether `byte` is next, which is left behind then.
    pub(crate) fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == byte;
        if is_next {
            self.next();
        }
        is_next
    }

    pub(crate) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Something must be so.
    pub(crate) fn require(&mut self, is_so: bool) {
        self.is_wrong |= !is_so;
    }

    /// `byte` must be next.
    pub(crate) fn expect(&mut self, byte: u8) {
        let is_next = self.skip(byte);
        self.require(is_next);
    }

    /// A number of at least `least` digits and at most `most`.
    pub(crate) fn number(&mut self, radix: u8, least: usize, most: usize) -> u64 {
        let start = self.at;
        let mut number: u64 = 0;
        while self.at.wrapping_sub(start) < most {
            let byte = self.peek();
            let mut digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                digit = (byte | 0x20).wrapping_sub(b'a').saturating_add(10);
            }
            if digit >= radix {
                break;
            }
            let next = number
                .wrapping_mul(u64::from(radix))
                .wrapping_add(u64::from(digit));
            // The largest number that ten times as much still holds: only versions come near it.
            self.require(number <= u64::MAX / 10 && next >= u64::from(digit));
            number = next;
            self.next();
        }
        self.require(self.at.wrapping_sub(start) >= least);
        number
    }

    /// A decimal number of at most `most` digits, which begins with 0 only if it is 0.
    pub(crate) fn plain(&mut self, most: usize) -> u64 {
        let is_zero = self.peek() == b'0';
        let start = self.at;
        let number = self.number(10, 1, most);
        self.require(!is_zero || self.at.wrapping_sub(start) == 1);
        number
    }

    /// What lies between `start` and here.
    pub(crate) fn since(&self, start: usize) -> &'t [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Whether nothing is left, and nothing was wrong.
    pub(crate) fn is_done(&self) -> bool {
        !self.is_wrong && self.at == self.text.len()
    }
}
