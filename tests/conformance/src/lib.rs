//! The vectors run natively, the plain second evaluator, and the test of the architecture.
