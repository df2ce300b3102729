//! Merging people and businesses, and taking merges apart.

mod businesses;
mod graph;
mod identity;
mod remembered;
mod routes;
mod undo;
