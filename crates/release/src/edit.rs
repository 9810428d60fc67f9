//! What an edit must leave as it is while a release is under way.

use vexil_ruleset::{Code, Issue, Path, Release, ReleaseName, Stage};

use crate::{Phase, State};

/// What is wrong with a ruleset in which the release `name` becomes `is` from what it `was`, while it is at `state`.
///
/// While a release runs or is paused, units have their variant because of what it moves from and to, of the attribute
/// that places them, and of the stages it has taken: so those stay, and so does the release. The stage it is at may
/// only hold for another time; those to come are free. A release that is a draft, done, or taken back is free altogether.
#[must_use]
pub fn underway(
    name: &ReleaseName,
    was: &Release,
    is: Option<&Release>,
    state: &State,
) -> Vec<Issue> {
    if !matches!(state.phase, Phase::Running | Phase::Paused) {
        return Vec::new();
    }
    let place = Path::default().join("releases").join(name.as_str());
    let issue = |path: Path| Issue {
        path,
        code: Code::ReleaseUnderway,
    };
    let Some(is) = is else {
        return vec![issue(place)];
    };
    let members = [
        ("from", was.from == is.from),
        ("to", was.to == is.to),
        ("by", was.by == is.by),
    ];
    let members = members.into_iter().filter(|(_, is_same)| !is_same);
    let members = members.map(|(member, _)| place.clone().join(member));
    let taken = (0..=state.stage).zip(&was.stages);
    let stages = taken.filter_map(|(number, before)| {
        let after = is.stages.get(usize::try_from(number).ok()?);
        let is_same = after.is_some_and(|after| {
            before == after || number == state.stage && is_same_but_hold(before, after)
        });
        (!is_same).then(|| place.clone().join("stages").join(&number.to_string()))
    });
    members.chain(stages).map(issue).collect()
}

fn is_same_but_hold(before: &Stage, after: &Stage) -> bool {
    let hold = after.hold;
    *after
        == Stage {
            hold,
            ..before.clone()
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASE: &str = r#"{ "from": "off", "to": "on", "by": "account", "stages": [
        { "name": "inside", "audience": { "attr": "staff", "is": true } },
        { "name": "some", "percent": 10, "hold": "1h" },
        { "name": "all", "percent": 100 } ] }"#;

    fn release(text: &str) -> Release {
        let ruleset = vexil_ruleset::decode(&format!(
            r#"{{ "flags": {{ "checkout": {{ "type": "boolean", "variants": {{ "on": true, "off": false, "new": true }},
                "offVariant": "off", "default": {{ "release": "ga" }} }} }}, "releases": {{ "ga": {text} }} }}"#
        ));
        let ruleset = ruleset.expect("it is a ruleset");
        ruleset.releases()["ga"].clone()
    }

    /// Edits the release, at its second stage, and says where that is wrong.
    #[track_caller]
    fn check(phase: Phase, old: &str, new: &str, want: &[&str]) {
        assert!(RELEASE.contains(old), "{old}");
        let state = State {
            phase,
            stage: 1,
            ..State::default()
        };
        let name = ReleaseName::new("ga").expect("it is a name");
        let edited = release(&RELEASE.replace(old, new));
        let issues = underway(&name, &release(RELEASE), Some(&edited), &state);
        let places: Vec<&str> = issues.iter().map(|issue| issue.path.as_str()).collect();
        assert_eq!(places, want, "{new}");
    }

    #[test]
    fn what_units_already_follow_stays() {
        for phase in [Phase::Running, Phase::Paused] {
            let at = |old, new, want: &str| check(phase, old, new, &[want]);
            at(r#""from": "off""#, r#""from": "new""#, "/releases/ga/from");
            at(r#""to": "on""#, r#""to": "new""#, "/releases/ga/to");
            at(r#""by": "account", "#, "", "/releases/ga/by");
            at(r#""is": true"#, r#""is": false"#, "/releases/ga/stages/0");
            at("inside", "within", "/releases/ga/stages/0");
            at(
                r#""percent": 10,"#,
                r#""percent": 11,"#,
                "/releases/ga/stages/1",
            );
            at("some", "few", "/releases/ga/stages/1");
        }
    }

    #[test]
    fn what_is_to_come_is_free() {
        check(Phase::Running, "1h", "2h", &[]);
        check(
            Phase::Running,
            r#""all", "#,
            r#""half", "percent": 50 }, { "name": "all", "#,
            &[],
        );
        check(
            Phase::Running,
            "{ \"from\"",
            "{ \"description\": \"x\", \"from\"",
            &[],
        );
    }

    #[test]
    fn every_place_is_told() {
        let stages = "\"stages\": [\n        { \"name\": \"inside\", \"audience\": { \"attr\": \"staff\", \"is\": true } },\n";
        let moved = r#""stages": ["#;
        check(
            Phase::Running,
            stages,
            moved,
            &["/releases/ga/stages/0", "/releases/ga/stages/1"],
        );
    }

    #[test]
    fn a_release_that_is_not_under_way_is_free() {
        for phase in [Phase::Draft, Phase::RolledBack, Phase::Done, Phase::Killed] {
            check(phase, r#""to": "on""#, r#""to": "new""#, &[]);
        }
    }

    #[test]
    fn a_release_under_way_cannot_go() {
        let name = ReleaseName::new("ga").expect("it is a name");
        let gone = |phase| {
            let state = State {
                phase,
                ..State::default()
            };
            underway(&name, &release(RELEASE), None, &state)
        };
        let messages: Vec<String> = gone(Phase::Running).iter().map(Issue::to_string).collect();
        assert_eq!(
            messages,
            [
                "/releases/ga: cannot change while the release is under way, expected it as it was (or roll the release back first)"
            ]
        );
        assert_eq!(gone(Phase::Draft), []);
    }
}
