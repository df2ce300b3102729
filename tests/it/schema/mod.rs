//! The schema: there and back again, and behind the wall.

mod connections;
mod same_rules;
mod up_and_down;
mod walls;
