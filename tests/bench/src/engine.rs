//! What an engine has to do to be measured.

use serde_json::Value;

use crate::context::Context;
use crate::set::Set;
use crate::write;

/// An engine that holds a set of flags.
pub trait Engine: Sized {
    const NAME: &'static str;
    /// A context as this engine wants it: made before the clock starts.
    type Context;

    /// The configuration, as bytes in this engine's own language.
    fn configure(set: &Set) -> Vec<u8>;
    /// From bytes to ready: the workloads `f` and `h`.
    fn load(bytes: &[u8]) -> Self;
    fn context(&self, context: &Context) -> Self::Context;
    /// One flag, for a context that is ready: the workloads `a`, `b`, `c` and `g`.
    fn is_on(&self, key: &str, context: &Self::Context) -> bool;
    /// Like [`Engine::is_on`] for a flag that serves strings: the length of what it serves.
    fn text(&self, key: &str, context: &Self::Context) -> usize;
    /// Every flag, for a new context: the workloads `d` and `e`. Returns how many there are.
    fn all(&self, context: &Self::Context) -> usize;
    /// What a flag comes to; used to compare engines.
    fn value(&self, key: &str, is_boolean: bool, context: &Self::Context) -> Value;
}

/// Vexil, natively.
pub struct Vexil {
    program: vexil_core::Program,
    live: vexil_core::Live,
    answers: std::cell::RefCell<Vec<vexil_core::Answer>>,
}

/// A context as a host has it, and resolved to the slots of the program.
pub struct VexilContext {
    given: &'static Context,
    resolved: vexil_core::Context<'static>,
}

impl Vexil {
    pub fn evaluate(
        &self,
        key: &str,
        context: &vexil_core::Context<'_>,
    ) -> Option<(vexil_core::Flag<'_>, u32)> {
        let flag = self.program.flag(key)?;
        Some((
            flag,
            vexil_core::evaluate(&self.program, &self.live, flag, context, 0).variant,
        ))
    }

    pub fn resolve<'c>(&self, context: &'c Context) -> vexil_core::Context<'c> {
        use vexil_core::Value;
        vexil_core::Context::resolve(&self.program, |name| match name {
            "targetingKey" => Value::Text(&context.targeting_key),
            "country" => Value::Text(context.country),
            "plan" => Value::Text(context.plan),
            "email" => Value::Text(&context.email),
            "version" => Value::Text(&context.version),
            "device" => Value::Text(context.device),
            "tier" => Value::Number(f64::from(context.tier)),
            "beta" => Value::Bool(context.beta),
            _ => Value::Missing,
        })
    }

    /// One flag for a context that was not resolved before.
    pub fn is_on_anew(&self, key: &str, context: &VexilContext) -> bool {
        self.evaluate(key, &self.resolve(context.given))
            .is_some_and(is_true)
    }
}

fn is_true((flag, variant): (vexil_core::Flag<'_>, u32)) -> bool {
    flag.variant(variant)
        .is_some_and(|variant| variant.value == "true")
}

impl Engine for Vexil {
    const NAME: &'static str = "vexil";
    type Context = VexilContext;

    fn configure(set: &Set) -> Vec<u8> {
        let ruleset =
            vexil_ruleset::decode(&write::vexil(set).to_string()).expect("the ruleset is right");
        let program =
            vexil_ruleset::compile(&ruleset, "bench", 1, 0).expect("the ruleset compiles");
        program.as_bytes().to_vec()
    }

    fn load(bytes: &[u8]) -> Self {
        Vexil {
            program: vexil_core::Program::from_bytes(bytes.to_vec()).expect("the program is right"),
            live: vexil_core::Live::default(),
            answers: Default::default(),
        }
    }

    fn context(&self, context: &Context) -> VexilContext {
        // A few contexts, kept for the whole run.
        let given: &'static Context = Box::leak(Box::new(context.clone()));
        VexilContext {
            given,
            resolved: self.resolve(given),
        }
    }

    fn is_on(&self, key: &str, context: &VexilContext) -> bool {
        self.evaluate(key, &context.resolved).is_some_and(is_true)
    }

    fn text(&self, key: &str, context: &VexilContext) -> usize {
        let text = |(flag, variant): (vexil_core::Flag<'_>, u32)| {
            flag.variant(variant)
                .map_or(0, |variant| variant.value.len())
        };
        self.evaluate(key, &context.resolved).map_or(0, text)
    }

    fn all(&self, context: &VexilContext) -> usize {
        let context = self.resolve(context.given);
        let mut answers = self.answers.borrow_mut();
        vexil_core::evaluate_all(&self.program, &self.live, &context, 0, &mut answers);
        answers.len()
    }

    fn value(&self, key: &str, _: bool, context: &VexilContext) -> Value {
        let (flag, variant) = self
            .evaluate(key, &context.resolved)
            .expect("the flag is there");
        serde_json::from_str(flag.variant(variant).expect("evaluation is total").value)
            .expect("values are JSON")
    }
}
