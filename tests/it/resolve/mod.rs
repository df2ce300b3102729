//! Who of a list is who: against the list itself and against what the team has.

mod between_files;
mod businesses;
mod overtaken;
mod people;
mod reviews;
mod taken_apart;
mod within_a_file;
