//! The attributes that a ruleset decides by, and of which type each is compared.

use vexil_ruleset::{AttributeName, AttributeTest, Condition, Ruleset, Scalar, Serve};

use super::shape::Shape;

/// A shape with a member for each.
pub(super) fn of(ruleset: &Ruleset) -> Shape {
    let mut shape = Shape::default();
    // Targets and members name it, and clients know it.
    unit(&mut shape, &AttributeName::targeting_key());
    for flag in ruleset.flags().values() {
        let served = flag.rules.iter().map(|rule| &rule.serve);
        for serve in served.chain([&flag.default]) {
            if let Serve::Split(split) = serve {
                unit(&mut shape, &split.by);
            }
        }
        for rule in &flag.rules {
            condition(&mut shape, &rule.when);
        }
    }
    let segments = ruleset.segments().values();
    for when in segments.filter_map(|segment| segment.when.as_ref()) {
        condition(&mut shape, when);
    }
    for release in ruleset.releases().values() {
        unit(&mut shape, &release.by);
        let stages = release.stages.iter();
        for audience in stages.filter_map(|stage| stage.audience.as_ref()) {
            condition(&mut shape, audience);
        }
    }
    shape
}

fn unit(shape: &mut Shape, name: &AttributeName) {
    shape.at(&name.steps()).add_scalar("string");
}

fn condition(shape: &mut Shape, when: &Condition) {
    match when {
        Condition::All(conditions) | Condition::Any(conditions) => {
            for inner in conditions {
                condition(shape, inner);
            }
        }
        Condition::Not(inner) => condition(shape, inner),
        Condition::Segment(_) | Condition::Flag(_) | Condition::Time(_) => {}
        Condition::Attribute(name, test) => {
            let shape = shape.at(&name.steps());
            for scalar in scalars(test) {
                shape.add_scalar(scalar);
            }
        }
    }
}

/// The types of which a value can pass the test.
fn scalars(test: &AttributeTest) -> Vec<&'static str> {
    let of = |scalar: &Scalar| match scalar {
        Scalar::Text(_) => "string",
        Scalar::Number(_) => "number",
        Scalar::Bool(_) => "boolean",
    };
    match test {
        AttributeTest::Is(scalar) => vec![of(scalar)],
        AttributeTest::In(scalars) => scalars.iter().map(of).collect(),
        AttributeTest::Exists(_) => vec!["boolean", "number", "string"],
        AttributeTest::StartsWith(_)
        | AttributeTest::EndsWith(_)
        | AttributeTest::Contains(_)
        | AttributeTest::Matches(_)
        | AttributeTest::Semver(_)
        | AttributeTest::Cidr(_) => vec!["string"],
        AttributeTest::Lt(_)
        | AttributeTest::Lte(_)
        | AttributeTest::Gt(_)
        | AttributeTest::Gte(_) => vec!["number"],
        AttributeTest::Before(_) | AttributeTest::After(_) => vec!["number", "string"],
    }
}
