use vexil_core::build::Builder;

use super::*;

/// An instant at which the environment confirmed version 7, revision 9.
const CONFIRMED: i64 = 1_790_000_000_000;
const CACHE: Need = Need::Now(Way::Cache);
const PAST_CACHE: Need = Need::Now(Way::PastCache);
const NOTHING: Heard = Heard {
    version: 0,
    revision: 0,
};

fn newest(revision: u64, confirmed: i64) -> Newest {
    let head = Head {
        revision,
        version: 7,
        ..Head::default()
    };
    Newest {
        head: Rc::new(head),
        program: Rc::new(Builder::new("production", 1, 0).finish().unwrap()),
        derived: Rc::default(),
        confirmed,
    }
}

fn kept() -> Kept {
    Kept {
        newest: Some(newest(9, CONFIRMED)),
        ..Kept::default()
    }
}

#[track_caller]
fn check(kept: &Kept, heard: Heard, after: i64, want: Need) {
    let now = CONFIRMED.saturating_add(after);
    assert_eq!(kept.need(heard, now), want, "{heard:?} after {after} ms");
}

#[test]
fn the_longer_nobody_confirmed_the_head_the_more_urgent_it_is() {
    for (after, want) in [
        (0, Need::No),
        (999, Need::No),
        (1_000, Need::Soon),
        (5_000, Need::Soon),
        (5_001, CACHE),
        (3_600_000, CACHE),
        // A clock that went back says nothing.
        (-1, CACHE),
        (i64::MIN, CACHE),
    ] {
        check(&kept(), NOTHING, after, want);
    }
    assert_eq!(Kept::default().need(NOTHING, CONFIRMED), CACHE);
}

#[test]
fn the_first_answer_of_an_isolate_is_no_older_than_what_is_known_of() {
    let heard = Heard::version(Some(1));
    assert_eq!(Kept::default().need(heard, CONFIRMED), PAST_CACHE);
    let wrote = Kept {
        writes: 1,
        ..Kept::default()
    };
    assert_eq!(wrote.need(NOTHING, CONFIRMED), PAST_CACHE);
}

#[test]
fn what_is_newer_is_asked_for_past_the_cache() {
    let version = |version| Heard::version(Some(version));
    for (heard, want) in [
        (Heard::version(None), Need::No),
        (version(7), Need::No),
        (version(8), PAST_CACHE),
        (version(u64::MAX), PAST_CACHE),
    ] {
        check(&kept(), heard, 10, want);
    }
    for (revision, want) in [(9, Need::No), (10, PAST_CACHE)] {
        let heard = Heard {
            version: 0,
            revision,
        };
        check(&kept(), heard, 10, want);
    }
}

#[test]
fn what_proved_not_to_exist_is_not_asked_for_again_within_a_second() {
    let kept = Kept {
        missed: CONFIRMED + 100,
        ..kept()
    };
    let bogus = Heard::version(Some(1_000));
    check(&kept, bogus, 100, Need::No);
    check(&kept, bogus, 1_099, Need::Soon);
    check(&kept, bogus, 1_100, PAST_CACHE);
}

#[test]
fn a_write_that_went_through_here_is_seen_by_the_next_answer() {
    let mut kept = kept();
    kept.writes = 1;
    check(&kept, NOTHING, 10, PAST_CACHE);
    // A fetch that began before the write may not have seen it.
    kept.take(newest(9, CONFIRMED), 0);
    check(&kept, NOTHING, 10, PAST_CACHE);
    kept.take(newest(10, CONFIRMED), 1);
    check(&kept, NOTHING, 10, Need::No);
}

#[test]
fn a_head_that_was_overtaken_is_dropped_and_one_of_a_restored_environment_is_not() {
    let mut kept = kept();
    for (revision, confirmed, want) in [
        (8, CONFIRMED + 1, (9, CONFIRMED)),
        (9, CONFIRMED + 2, (9, CONFIRMED + 2)),
        (10, CONFIRMED + 1, (10, CONFIRMED + 1)),
        (9, CONFIRMED + 5_001, (10, CONFIRMED + 1)),
        (9, CONFIRMED + 5_002, (9, CONFIRMED + 5_002)),
    ] {
        kept.take(newest(revision, confirmed), 0);
        let newest = kept.newest.as_ref().unwrap();
        assert_eq!((newest.head.revision, newest.confirmed), want);
    }
}

#[test]
fn answers_are_stale_when_waiting_for_the_head_was_in_vain() {
    for (after, want) in [(0, false), (5_000, false), (5_001, true)] {
        assert_eq!(newest(9, CONFIRMED).is_stale(CONFIRMED + after), want);
    }
}

#[test]
fn a_fetch_that_takes_too_long_keeps_no_other_from_asking() {
    let kept = Kept {
        fetching: Some(CONFIRMED),
        ..kept()
    };
    for (after, want) in [(0, true), (299, true), (300, false), (-1, false)] {
        assert_eq!(kept.is_fetching(CONFIRMED + after), want, "{after}");
    }
    assert!(!Kept::default().is_fetching(CONFIRMED));
}
