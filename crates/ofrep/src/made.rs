//! Programs that tests make.

use vexil_core::build::{Builder, FlagId, FlagSpec, Graph, Leaf, NodeId, Test};
use vexil_core::{Expose, FlagType, Reason};

pub(crate) const SPEC: FlagSpec<'static> = FlagSpec {
    key: "",
    kind: FlagType::Boolean,
    expose: Expose::Program,
    is_enabled: true,
    track: false,
    variants: &[("on", "true"), ("off", "false")],
    off_variant: 1,
    failsafe: None,
    rules: &[None],
};

pub(crate) fn serve(graph: &mut Graph<'_>, variant: u32) -> NodeId {
    graph.leaf(Leaf::Serve {
        variant,
        reason: Reason::Default,
        rule: None,
        is_missing_unit: false,
        chosen_by: None,
    })
}

/// A flag that is on where the test holds.
pub(crate) fn add(builder: &mut Builder, key: &str, expose: Expose, test: Test<'_>) -> FlagId {
    let mut graph = Graph::default();
    let (on, off) = (serve(&mut graph, 0), serve(&mut graph, 1));
    let entry = graph.test(test, on, off);
    let spec = FlagSpec {
        key,
        expose,
        ..SPEC
    };
    builder.flag(spec, &graph, entry)
}
