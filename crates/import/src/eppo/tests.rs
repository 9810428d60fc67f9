//! What Eppo configurations become.
