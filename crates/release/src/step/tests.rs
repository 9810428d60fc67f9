use proptest::prelude::*;

use super::*;
use crate::Stage;

const HOUR: i64 = 3_600_000;

fn plan_of(stages: &[(u32, i64)]) -> Plan {
    let stage = |&(percent, hold_ms): &(u32, i64)| Stage {
        name: format!("{percent} %"),
        exposure: Exposure::from_parts(percent * 100_000).expect("at most 100 percent"),
        hold_ms,
    };
    Plan {
        stages: stages.iter().map(stage).collect(),
    }
}

/// Runs `events` (with their hours) through a release of three stages: 1 % for an hour, 10 % for four, 100 %.
#[track_caller]
fn check(events: &[(Event, i64)], phase: Phase, index: u32, percent: u32) {
    let plan = plan_of(&[(1, HOUR), (10, 4 * HOUR), (100, 0)]);
    let state = replay(
        &plan,
        events.iter().map(|&(event, hour)| (event, hour * HOUR)),
    );
    assert_eq!(
        (state.phase, state.stage, state.exposure.parts()),
        (phase, index, percent * 100_000)
    );
}

#[test]
fn a_release_takes_each_stage_when_the_hold_before_it_is_over() {
    use Event::{Start, Tick};
    check(&[], Phase::Draft, 0, 0);
    check(&[(Tick, 9)], Phase::Draft, 0, 0);
    check(&[(Start, 0)], Phase::Running, 0, 1);
    check(&[(Start, 0), (Tick, 0)], Phase::Running, 0, 1);
    check(&[(Start, 0), (Tick, 1)], Phase::Running, 1, 10);
    check(&[(Start, 0), (Tick, 1), (Tick, 4)], Phase::Running, 1, 10);
    check(&[(Start, 0), (Tick, 1), (Tick, 5)], Phase::Done, 2, 100);
}

#[test]
fn a_late_tick_takes_one_stage_and_holds_it_in_full() {
    use Event::{Start, Tick};
    check(&[(Start, 0), (Tick, 500)], Phase::Running, 1, 10);
    check(
        &[(Start, 0), (Tick, 500), (Tick, 503)],
        Phase::Running,
        1,
        10,
    );
    check(&[(Start, 0), (Tick, 500), (Tick, 504)], Phase::Done, 2, 100);
}

#[test]
fn a_person_can_advance_pause_and_resume() {
    use Event::{Advance, Pause, Resume, Start, Tick};
    check(&[(Start, 0), (Advance, 0)], Phase::Running, 1, 10);
    check(
        &[(Start, 0), (Advance, 0), (Advance, 0)],
        Phase::Done,
        2,
        100,
    );
    check(&[(Start, 0), (Pause, 0), (Tick, 9)], Phase::Paused, 0, 1);
    check(&[(Start, 0), (Pause, 0), (Advance, 9)], Phase::Paused, 0, 1);
    check(
        &[(Start, 0), (Pause, 0), (Resume, 9), (Tick, 9)],
        Phase::Running,
        0,
        1,
    );
    check(
        &[(Start, 0), (Pause, 0), (Resume, 9), (Tick, 10)],
        Phase::Running,
        1,
        10,
    );
}

#[test]
fn what_was_taken_back_can_start_again_and_what_was_killed_cannot() {
    use Event::{Advance, Kill, Rollback, Start};
    check(
        &[(Start, 0), (Advance, 0), (Rollback, 1)],
        Phase::RolledBack,
        1,
        0,
    );
    check(
        &[(Start, 0), (Advance, 0), (Rollback, 1), (Start, 2)],
        Phase::Running,
        0,
        1,
    );
    check(&[(Start, 0), (Kill, 1), (Start, 2)], Phase::Killed, 0, 0);
    check(&[(Rollback, 1)], Phase::Draft, 0, 0);
}

#[test]
fn a_release_that_an_edit_left_without_its_stage_holds_and_can_be_taken_back() {
    let state = State {
        phase: Phase::Running,
        stage: 7,
        since: 0,
        exposure: Exposure::ALL,
    };
    let plan = plan_of(&[(1, HOUR)]);
    assert_eq!(step(&plan, &state, Event::Tick, i64::MAX), (state, vec![]));
    assert_eq!(step(&plan, &state, Event::Advance, 0).0, state);
    assert_eq!(
        step(&plan, &state, Event::Rollback, 0).0.exposure,
        Exposure::NONE
    );
    assert_eq!(
        step(&Plan::default(), &State::default(), Event::Start, 0).0,
        State::default()
    );
}

#[test]
fn a_step_says_what_to_do_and_why() {
    let plan = plan_of(&[(1, HOUR), (100, 0)]);
    let (state, commands) = step(&plan, &State::default(), Event::Start, 5);
    let entry = Entry {
        at: 5,
        what: What::Started,
        phase: Phase::Running,
        stage: Some("1 %".into()),
        exposure: state.exposure,
    };
    assert_eq!(
        commands,
        [Command::SetExposure(state.exposure), Command::Log(entry)]
    );

    let (same, commands) = step(&plan, &state, Event::Start, 6);
    assert_eq!(same, state);
    assert!(
        matches!(&commands[..], [Command::Log(entry)] if entry.what == What::Refused(Event::Start))
    );
}

#[test]
fn state_and_log_are_plain_json() {
    let plan = plan_of(&[(1, HOUR)]);
    let (state, commands) = step(&plan, &State::default(), Event::Start, 5);
    let text = serde_json::to_string(&state).expect("a state is JSON");
    assert_eq!(
        text,
        r#"{"phase":"running","stage":0,"since":5,"exposure":100000}"#
    );
    assert_eq!(
        serde_json::from_str::<State>(&text).expect("it reads back"),
        state
    );
    let too_much = text.replace("100000", "10000001");
    assert!(serde_json::from_str::<State>(&too_much).is_err());

    let Some(Command::Log(entry)) = commands.last() else {
        panic!("a start is logged")
    };
    assert_eq!(
        serde_json::to_string(entry).expect("an entry is JSON"),
        r#"{"at":5,"what":"started","phase":"running","stage":"1 %","exposure":100000}"#
    );
}

fn any_event() -> impl Strategy<Value = Event> {
    use Event::{Advance, Kill, Pause, Resume, Rollback, Start, Tick};
    prop_oneof![
        6 => Just(Tick), 2 => Just(Start), 2 => Just(Advance), 1 => Just(Pause),
        1 => Just(Resume), 1 => Just(Rollback), 1 => Just(Kill),
    ]
}

/// Mostly times of a few hours, in any order; sometimes the ends of the range.
fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -HOUR..20 * HOUR, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let hold = prop_oneof![4 => 0..5 * HOUR, 1 => any::<i64>()];
    prop::collection::vec((0..=100_u32, hold), 0..6).prop_map(|stages| plan_of(&stages))
}

fn any_phase() -> impl Strategy<Value = Phase> {
    use Phase::{Done, Draft, Killed, Paused, RolledBack, Running};
    prop_oneof![
        Just(Draft),
        Just(Running),
        Just(Paused),
        Just(RolledBack),
        Just(Done),
        Just(Killed)
    ]
}

prop_compose! {
    fn any_state()(phase in any_phase(), stage in 0..8_u32, since in any_time(), parts in 0..=10_000_000_u32) -> State {
        State { phase, stage, since, exposure: Exposure::from_parts(parts).expect("in range") }
    }
}

proptest! {
    // Law 7: `Kill` reaches killed from every state in one step.
    #[test]
    fn kill_reaches_killed_in_one_step(plan in any_plan(), state in any_state(), now in any_time()) {
        let (killed, _) = step(&plan, &state, Event::Kill, now);
        prop_assert_eq!(killed.phase, Phase::Killed);
        prop_assert!(state.phase == Phase::Killed || killed.exposure == Exposure::NONE);
    }

    // Law 7: replaying a log gives the same state, also without the ticks that did nothing, and
    // also when the host stored the state in between.
    #[test]
    fn replaying_a_log_gives_the_same_state(
        plan in any_plan(),
        events in prop::collection::vec((any_event(), any_time()), 0..40),
    ) {
        let mut state = State::default();
        let mut log = Vec::new();
        for &(event, now) in &events {
            let stored = serde_json::to_string(&state).expect("a state is JSON");
            let read: State = serde_json::from_str(&stored).expect("it reads back");
            let (next, commands) = step(&plan, &read, event, now);
            if !commands.is_empty() {
                log.push((event, now));
            }
            state = next;
        }
        prop_assert_eq!(replay(&plan, events), state);
        prop_assert_eq!(replay(&plan, log), state);
    }

    // Law 7: total. The host is told of every change of exposure, and of no other.
    #[test]
    fn every_change_of_exposure_is_a_command(
        plan in any_plan(), state in any_state(), event in any_event(), now in any_time(),
    ) {
        let (next, commands) = step(&plan, &state, event, now);
        let set: Vec<_> = commands.iter().filter_map(|command| match command {
            Command::SetExposure(exposure) => Some(*exposure),
            Command::Log(_) => None,
        }).collect();
        let expected: Vec<_> = (next.exposure != state.exposure).then_some(next.exposure).into_iter().collect();
        prop_assert_eq!(set, expected);
        prop_assert!((0.0..=1.0).contains(&next.exposure.share()));
        prop_assert!(next == state || !commands.is_empty());
    }

    // Law 7: a tick before the hold is over changes nothing, however far the clock went back.
    #[test]
    fn an_early_tick_changes_nothing(plan in any_plan(), state in any_state(), now in any_time()) {
        if due(&plan, &state).is_none_or(|due| now < due) || now < state.since {
            prop_assert_eq!(step(&plan, &state, Event::Tick, now), (state, vec![]));
        }
    }

    // Law 7: a host that ticks whenever one is due is done after one tick a stage.
    #[test]
    fn a_started_release_that_nobody_stops_is_done(stages in prop::collection::vec((0..=100_u32, 0..5 * HOUR), 1..6)) {
        let plan = plan_of(&stages);
        let mut state = step(&plan, &State::default(), Event::Start, 0).0;
        let mut ticks = 0;
        while let Some(now) = due(&plan, &state) {
            state = step(&plan, &state, Event::Tick, now).0;
            ticks += 1;
            prop_assert!(ticks <= plan.stages.len());
        }
        prop_assert_eq!(state.phase, Phase::Done);
        prop_assert_eq!(Some(state.exposure), plan.stages.last().map(|stage| stage.exposure));
    }
}
