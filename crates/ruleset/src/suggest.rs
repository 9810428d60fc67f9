//! What somebody probably meant.

/// The candidate closest to `name`, where one is close enough that it may have been meant.
///
/// A third of the characters may differ, and upper and lower case count as one.
#[must_use]
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    let most = length.div_ceil(3).min(4);
    candidates
        .into_iter()
        // The distance is at least the difference in length, which costs less to find.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= most)
        .map(|candidate| {
            let distance = strsim::osa_distance(&wanted, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[track_caller]
    fn check(name: &str, candidates: &[&str], want: Option<&str>) {
        assert_eq!(
            suggest(name, candidates.iter().copied()).as_deref(),
            want,
            "{name}"
        );
    }

    #[test]
    fn a_near_miss_is_suggested() {
        check("onn", &["on", "off"], Some("on"));
        check("defualt", &["default", "rules"], Some("default"));
        check("offvariant", &["offVariant"], Some("offVariant"));
        check("employes", &["employees", "staff"], Some("employees"));
    }

    #[test]
    fn what_is_far_away_is_not() {
        check("blue", &["on", "off"], None);
        check("", &["on"], None);
        check("x", &["y"], None);
        check("checkout", &[], None);
    }

    #[test]
    fn of_two_as_close_the_first_by_name_is_suggested() {
        check("bat", &["rat", "cat"], Some("cat"));
    }
}
