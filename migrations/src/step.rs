//! What every step is: SQL that takes it, and SQL that takes it back.

use sea_orm_migration::prelude::*;
use sea_orm_migration::util::get_file_stem;

/// A step, named after the file that it is in.
pub(crate) struct Step {
    /// The file: `file!()`.
    pub(crate) file: &'static str,
    /// Takes it.
    pub(crate) up: &'static str,
    /// Takes it back, with everything that was stored in what it made.
    pub(crate) down: &'static str,
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        get_file_stem(self.file)
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.up).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.down).await.map(drop)
    }
}
