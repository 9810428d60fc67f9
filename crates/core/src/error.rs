//! What can be wrong with bytes that claim to be a program, and with a question.

use core::fmt;

/// Why bytes are not a program (or a live state) that this version reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgramError {
    /// They do not begin as a program does.
    Magic,
    /// Their format is not one this version reads.
    Format(u32),
    /// They are cut off, or were changed on the way.
    Checksum,
    /// A table reaches outside the buffer, or a reference outside its table.
    Reference,
    /// A split in it places units by another vendor's recipe, which this build does not have.
    Recipe,
    /// Evaluating it could take too long or nest too deep: see [`crate::limits`].
    TooComplex,
}

impl fmt::Display for ProgramError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.message())
    }
}

impl core::error::Error for ProgramError {}

impl ProgramError {
    /// The number that stands for it in the browser: 1 to 6, in the order above; [`crate::Intact`] gives no 6.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            ProgramError::Magic => 1,
            ProgramError::Format(_) => 2,
            ProgramError::Checksum => 3,
            ProgramError::Reference => 4,
            ProgramError::Recipe => 5,
            ProgramError::TooComplex => 6,
        }
    }

    /// The sentence [`fmt::Display`] prints.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            ProgramError::Magic => "not a Vexil program",
            ProgramError::Format(_) => "a program of a format that this version does not read",
            ProgramError::Checksum => "a damaged program: its checksum does not match",
            ProgramError::Reference => "a damaged program: a reference leads nowhere",
            ProgramError::Recipe => "a program that needs the hashes of other vendors",
            ProgramError::TooComplex => {
                "a program whose evaluation could exceed the limits of depth or steps"
            }
        }
    }
}

/// Why a question has no answer but the caller's default. Wire names are OpenFeature's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// No flag has this key.
    FlagNotFound,
    /// The flag has another type than the one asked for.
    TypeMismatch,
}

impl ErrorCode {
    /// `FLAG_NOT_FOUND`, `TYPE_MISMATCH`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ErrorCode::FlagNotFound => "FLAG_NOT_FOUND",
            ErrorCode::TypeMismatch => "TYPE_MISMATCH",
        }
    }
}
