//! A language model behind an API of the shape of OpenAI's chat completions: OpenAI itself, and the many servers that speak as it
//! does, also such as run in one's own house.
//!
//! One question, one answer, as JSON of a given schema. Nothing here knows what is asked or who is asked about: what leaves is
//! masked by `domain::reply::masked` before it comes here, and neither question nor answer shows itself in `Debug`.

mod client;
mod fault;
mod question;
mod reply;

pub use client::{ModelAccount, ModelClient};
pub use fault::ModelFault;
pub use question::{ModelAnswer, ModelQuestion, Usage};

#[cfg(test)]
mod tests;
