//! What holds wherever something is used, and so is said once for a file.

pub(super) const UNITS: &str = "units are texts and whole numbers, beyond ASCII by their UTF-8; GrowthBook's JavaScript also hashes the text of fractions, lists and `true`, takes 0 for no unit, and hashes UTF-16";
pub(super) const NUMBERS_AS_TEXT: &str = "a text counts as the number that it is in plain digits, as `21` or in comparisons `21.50`; JavaScript also reads exponents, hexadecimal and spaces";
pub(super) const LISTS_AS_TEXT: &str = "in comparisons, and where it has to equal a text or a number, a list counts as its only element; JavaScript makes a text of the whole list, even of none or several elements";
pub(super) const VERSIONS: &str = "a number compares as a version by its whole part only";
