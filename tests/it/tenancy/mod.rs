//! Teams do not see each other, and nobody sees a person where no person should be.

mod outreach;
mod privacy;
mod replies;
mod routes;
