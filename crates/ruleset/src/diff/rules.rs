//! Which rule of one program is which of another.

use vexil_core::build::Part;

use super::{Change, Rule, Side};

/// A rule, and what it says.
#[derive(Clone, Copy, PartialEq)]
struct Said<'p> {
    rule: Rule<'p>,
    whole: Option<u32>,
    without_arms: Option<u32>,
}

/// What changed about the rules.
///
/// A rule is the one that has its name and says the same, else that has its name, else that says the same, else the
/// next that is left.
pub(super) fn changes<'p>(old: &Side<'p>, new: &Side<'p>) -> Vec<Change<'p>> {
    let mut old: Vec<Option<Said<'p>>> = said(old).into_iter().map(Some).collect();
    let new = said(new);
    let mut pairs: Vec<Option<Said<'p>>> = vec![None; new.len()];
    let alike: [fn(&Said<'p>, &Said<'p>) -> bool; 4] = [
        |was, is| was.rule.name == is.rule.name && was.whole == is.whole,
        |was, is| was.rule.name.is_some() && was.rule.name == is.rule.name,
        |was, is| was.whole == is.whole,
        |was, is| was.rule.name.is_none() && is.rule.name.is_none(),
    ];
    for is_alike in alike {
        for (is, pair) in new.iter().zip(&mut pairs) {
            if pair.is_none() {
                let mut left = old.iter_mut();
                let found = left.find(|was| was.as_ref().is_some_and(|was| is_alike(was, is)));
                *pair = found.and_then(Option::take);
            }
        }
    }
    let mut changes: Vec<Change<'p>> = old
        .into_iter()
        .flatten()
        .map(|gone| Change::RuleRemoved(gone.rule))
        .collect();
    for (is, pair) in new.iter().zip(&pairs) {
        changes.extend(match pair {
            None => vec![Change::RuleAdded(is.rule)],
            Some(was) => change(was, is),
        });
    }
    let numbers = pairs.iter().flatten().map(|was| was.rule.number);
    if !numbers.is_sorted() {
        changes.push(Change::RuleOrder);
    }
    changes
}

fn change<'p>(was: &Said<'p>, is: &Said<'p>) -> Vec<Change<'p>> {
    let mut changes = Vec::new();
    if was.rule.name != is.rule.name {
        changes.push(Change::RuleName(was.rule, is.rule));
    }
    if was.whole != is.whole {
        changes.push(if was.without_arms == is.without_arms {
            Change::Shares(is.rule)
        } else {
            Change::Rule(is.rule)
        });
    }
    changes
}

/// The rules of a flag; one that no walk comes to says nothing.
fn said<'p>(side: &Side<'p>) -> Vec<Said<'p>> {
    let rules = (0..side.flag.rule_count()).map(|number| {
        let (whole, without_arms) = side.part(Part::Rule(number)).unzip();
        Said {
            rule: Rule {
                number,
                name: side.flag.rule_name(number),
            },
            whole,
            without_arms,
        }
    });
    rules.collect()
}
