//! What the repository promises about itself.

mod codes;
mod configuration;
mod dependencies;
mod deployment;
mod readme;
mod source_files;
mod wire_names;
