//! Texts that say numbers: what a vendor reads as one is compared here by a pattern.

use std::cmp::Ordering;

/// Digits of a bound above which its pattern is not written: it grows with each.
const DIGITS: usize = 24;
const ANY_FRACTION: &str = r"(?:\.[0-9]*)?";
const ANY: &str = r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+";

/// The pattern of the decimals (`12`, `-0.50`, `+.5`, without an exponent) of numbers that are to `bound` in one of
/// `orders`; `None` where `bound` takes too many digits.
pub(crate) fn pattern(bound: f64, orders: &[Ordering]) -> Option<String> {
    let text = bound.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_decimal = bound.is_finite() && text.len() <= DIGITS;
    let size = Size {
        whole: whole.trim_start_matches('0'),
        fraction,
    };
    let is_wanted = |order| orders.contains(&order);
    let sizes = |orders: &[Ordering]| -> Vec<String> {
        orders.iter().flat_map(|order| size.texts(*order)).collect()
    };
    let all = |is_all: bool| {
        if is_all {
            vec![ANY.to_owned()]
        } else {
            Vec::new()
        }
    };
    let (positive, negative) = match bound.partial_cmp(&0.0)? {
        Ordering::Greater => (sizes(orders), all(is_wanted(Ordering::Less))),
        Ordering::Less => {
            let reversed: Vec<_> = orders.iter().map(|order| order.reverse()).collect();
            (all(is_wanted(Ordering::Greater)), sizes(&reversed))
        }
        Ordering::Equal => {
            let reversed: Vec<_> = orders.iter().map(|order| order.reverse()).collect();
            (sizes(orders), sizes(&reversed))
        }
    };
    let signed = |sign: &str, texts: &[String]| {
        (!texts.is_empty()).then(|| format!("{sign}(?:{})", texts.join("|")))
    };
    let both: Vec<_> = [signed(r"\+?", &positive), signed("-", &negative)]
        .into_iter()
        .flatten()
        .collect();
    is_decimal.then(|| format!("^(?:{})$", both.join("|")))
}

/// The digits of a number without its sign: none before the point for what is below 1, none of the fraction but what
/// ends in another than 0.
struct Size<'t> {
    whole: &'t str,
    fraction: &'t str,
}

impl Size<'_> {
    /// Patterns of the texts that are to it in `order`.
    fn texts(&self, order: Ordering) -> Vec<String> {
        match order {
            Ordering::Less => self.below(),
            Ordering::Equal => vec![self.equal()],
            Ordering::Greater => self.above(),
        }
    }

    /// What stands before the point, where digits follow it.
    fn start(&self) -> String {
        format!("0*{}", self.whole)
    }

    fn equal(&self) -> String {
        match (self.whole, self.fraction) {
            ("", "") => r"0+(?:\.0*)?|\.0+".to_owned(),
            (whole, "") => format!(r"0*{whole}(?:\.0*)?"),
            (_, fraction) => format!(r"{}\.{fraction}0*", self.start()),
        }
    }

    fn below(&self) -> Vec<String> {
        let mut texts = Vec::new();
        match self.whole.len() {
            0 => {}
            1 => texts.extend([format!("0+{ANY_FRACTION}"), r"\.[0-9]+".to_owned()]),
            length => {
                let shorter = length.saturating_sub(1);
                texts.extend([
                    format!("0*[0-9]{{1,{shorter}}}{ANY_FRACTION}"),
                    r"\.[0-9]+".to_owned(),
                ]);
            }
        }
        for place in Place::all(self.whole) {
            // Zeros before the first digit are skipped, so it is another itself.
            let lowest = if place.before.is_empty() { '1' } else { '0' };
            if let Some(class) = class(lowest, step(place.digit, -1)) {
                texts.push(format!(
                    "0*{}{class}[0-9]{{{}}}{ANY_FRACTION}",
                    place.before, place.after
                ));
            }
        }
        for place in Place::all(self.fraction) {
            // A fraction that ends here is smaller: what follows ends in another digit than 0.
            texts.push(match (place.before, self.whole) {
                ("", "") => r"0+\.?".to_owned(),
                ("", whole) => format!(r"0*{whole}\.?"),
                (before, _) => format!(r"{}\.{before}", self.start()),
            });
            if let Some(class) = class('0', step(place.digit, -1)) {
                texts.push(format!(r"{}\.{}{class}[0-9]*", self.start(), place.before));
            }
        }
        texts
    }

    fn above(&self) -> Vec<String> {
        let mut texts = vec![format!(
            "0*[1-9][0-9]{{{},}}{ANY_FRACTION}",
            self.whole.len()
        )];
        for place in Place::all(self.whole) {
            if let Some(class) = class(step(place.digit, 1), '9') {
                texts.push(format!(
                    "0*{}{class}[0-9]{{{}}}{ANY_FRACTION}",
                    place.before, place.after
                ));
            }
        }
        for place in Place::all(self.fraction) {
            if let Some(class) = class(step(place.digit, 1), '9') {
                texts.push(format!(r"{}\.{}{class}[0-9]*", self.start(), place.before));
            }
        }
        texts.push(format!(
            r"{}\.{}[0-9]*[1-9][0-9]*",
            self.start(),
            self.fraction
        ));
        texts
    }
}

/// A digit among others.
struct Place<'t> {
    before: &'t str,
    digit: char,
    after: usize,
}

impl Place<'_> {
    fn all(digits: &str) -> impl Iterator<Item = Place<'_>> {
        digits.char_indices().map(|(at, digit)| Place {
            before: digits.get(..at).unwrap_or_default(),
            digit,
            after: digits.len().saturating_sub(at).saturating_sub(1),
        })
    }
}

/// The character `by` after `digit`.
fn step(digit: char, by: i32) -> char {
    let code = u32::from(digit).saturating_add_signed(by);
    char::from_u32(code).unwrap_or(digit)
}

/// The digits from `first` to `last`, if there are any.
fn class(first: char, last: char) -> Option<String> {
    (first <= last).then(|| format!("[{first}-{last}]"))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;
    use vexil_ruleset::Pattern;

    use super::pattern;

    fn decimal() -> impl Strategy<Value = String> {
        let digits =
            |most: usize| proptest::string::string_regex(&format!("[0-9]{{0,{most}}}")).unwrap();
        let few = proptest::string::string_regex("[019]{0,2}").unwrap();
        (
            prop_oneof!["", "-", r"\+"],
            prop_oneof![digits(4), few],
            any::<bool>(),
            digits(3),
        )
            .prop_map(|(sign, whole, has_point, fraction)| {
                let point = if has_point { "." } else { "" };
                format!(
                    "{sign}{whole}{point}{}",
                    if has_point { &fraction } else { "" }
                )
            })
    }

    fn bound() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-1200_i32..1200).prop_map(|hundredths| f64::from(hundredths) / 100.0),
            (-12_000_i32..12_000).prop_map(f64::from),
            Just(0.0),
            Just(0.001),
            Just(-0.05),
            Just(1e15),
        ]
    }

    proptest! {
        #[test]
        fn a_text_is_found_where_its_number_is_in_order(bound in bound(), texts in prop::collection::vec(decimal(), 20)) {
            for order in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
                let pattern = Pattern::parse(&pattern(bound, &[order]).unwrap()).unwrap();
                for text in texts.iter().chain([&bound.to_string()]) {
                    let is_in_order = text.parse::<f64>().is_ok_and(|it| it.partial_cmp(&bound) == Some(order));
                    prop_assert_eq!(pattern.matches(text), is_in_order, "{} {:?} {}", text, order, bound);
                }
            }
        }
    }

    #[test]
    fn a_bound_of_many_digits_has_none() {
        assert_eq!(pattern(1e300, &[Ordering::Less]), None);
        assert_eq!(pattern(f64::NAN, &[Ordering::Less]), None);
        assert_eq!(pattern(f64::INFINITY, &[Ordering::Less]), None);
    }
}
