//! The tables of replies, and the routes over them: what must not happen cannot.

mod calls;
mod constraints;
mod follow_ups;
mod hands;
mod inbox;
mod model;
mod opening;
mod routes;
mod scene;
mod silence;
