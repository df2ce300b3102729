//! Teams do not see each other, and nobody sees a person where no person should be.

mod privacy;
mod routes;
