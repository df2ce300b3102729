//! The schema: there and back again, and behind the wall.

mod up_and_down;
mod walls;
