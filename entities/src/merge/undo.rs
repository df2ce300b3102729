//! What a row of history keeps so that its merge can be taken apart.
//!
//! `undo` is JSON; rows are as `to_jsonb` of their table has them, with every column:
//!
//! ```json
//! { "record": { "…": "the merged row of personas or businesses" },
//!   "rows": { "phones": [{}], "emails": [{}], "addresses": [{}], "owners": [{}] },
//!   "leads": { "moved": ["id"], "folded": [{ "…": "a row of leads" }], "places": [{ "…": "a row of block_leads" }] },
//!   "survivor": {
//!     "added": { "phones": ["number"], "emails": ["address"], "addresses": ["addr_hash, hex"], "owners": ["business_id"] },
//!     "before": { "phones": [{}] },
//!     "fields": { "given_name": { "before": "R", "after": "Rosa" } } } }
//! ```
//!
//! - `rows`: all that hung on the merged record. Of a business there are only `owners`, keyed by `persona_id`.
//! - `leads.moved`: leads that are the survivor's now. `folded`: leads that are gone; `places`: theirs in blocks.
//! - `survivor.added`: keys of rows that the survivor has by this merge alone (of several in one step, by the first
//!   of them). `before`: rows that it had and that changed. `fields`: what changed of itself.
//!
//! `touches`, a column of its own, lists the records of the other kind that stand in `rows.owners` and `leads.folded`:
//! a later merge of one of those has to be undone first.
//!
//! Every part but `record` may be absent. A merge is taken apart by deleting `added`, putting `before` and
//! `fields.before` back, inserting `record`, `rows` and `folded`, and pointing `moved` back. Rows heard of after
//! `merged_at`, and fields that are not `after` any more, stay with the survivor: that happened since.
//!
//! **A row that never became a record** (an import folds it into a record before it lands) is written the same way:
//! `record`, `rows` and `folded` hold what would have been made of it, `step` is one for the whole file, `root_id` is
//! `survivor_id`, `merged_key` is the row's match key, and `id` may be the row's id. Taken apart, it becomes a record
//! for the first time. `merged_at` must not be before `last_seen_at` of the points it `added`; written in one
//! transaction, they are the same. Call nothing else; `personas.merged_from_ids` and `confidence_score` of the
//! survivor are the writer's to keep (unmerging takes the id out and counts anew).
//!
//! Steps are undone from the last to the first. To take one merge apart, the later steps that have to do with it are
//! undone (of the same survivor; of the other kind by `touches`), then its own, and all but the one are done again, each with a new undo. So the outcome is as if the
//! one had never been, in whatever order merges are taken apart.
