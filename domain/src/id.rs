//! Typed ids: a prefix that says what the thing is, and a ULID that says when it came to be.
//!
//! A `LeadId` cannot be passed where a `PersonaId` is wanted. Ids are sixteen bytes in memory and in the
//! database and are rendered with their prefix (`lead_01J…`) at the edges only. Nothing here makes a random
//! id: this crate knows no clock and no randomness, so fresh ids come from `entities::fresh_id`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use ulid::Ulid;
use uuid::Uuid;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id like {prefix}_01J9ZW4Q0C3T5V7X9YABCDEFGH, got {got:?}")]
pub struct IdError {
    /// The prefix of the kind that was wanted, without the underscore.
    pub prefix: &'static str,
    /// What was given.
    pub got: String,
}

/// What every typed id can do.
pub trait TypedId: Copy + Eq + fmt::Display {
    /// The prefix of this kind, without the underscore.
    const PREFIX: &'static str;

    /// The id with these sixteen bytes.
    fn from_uuid(uuid: Uuid) -> Self;

    /// The sixteen bytes, as the database stores them.
    fn uuid(self) -> Uuid;

    /// The milliseconds since 1970 at which the id was made.
    fn timestamp_ms(self) -> u64 {
        Ulid(self.uuid().as_u128()).timestamp_ms()
    }
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, Ulid(self.0.as_u128()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|rest| rest.len() == ulid::ULID_LEN)
                    .and_then(|rest| Ulid::from_string(rest).ok())
                    .map(|ulid| Self(Uuid::from_u128(ulid.0)))
                    .ok_or_else(|| IdError { prefix: $prefix, got: text.to_owned() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

typed_ids! {
    /// A tenant: the team that owns everything it uploaded.
    TeamId = "team";
    /// A person who may sign in or hold keys.
    UserId = "user";
    /// An API key (the key's record, not its secret).
    ApiKeyId = "key";
    /// One uploaded file.
    DataSourceId = "src";
    /// A saved way of reading files: columns, delimiter, encoding, required fields.
    MappingProfileId = "map";
    /// A business.
    BusinessId = "biz";
    /// A person.
    PersonaId = "pers";
    /// One persona at one business, or a business alone.
    LeadId = "lead";
    /// A cohort of leads that is ready to be contacted.
    BlockId = "blk";
    /// One entry of the audit log.
    AuditId = "aud";
    /// One merge of two records.
    MergeId = "mrg";
    /// A pair that waits for a person to say whether it is one.
    MergeReviewId = "rev";
    /// One run of leads through the waterfall of vendors.
    EnrichmentId = "enr";
    /// A vendor's list that is pulled again and again.
    PullScheduleId = "psch";
    /// One subject asked of one vendor: the row of the ledger of paid calls.
    ProviderCallId = "call";
    /// What a vendor answered, as it came.
    SkiptraceResultId = "skip";
    /// A limit on spending, and what was spent.
    BudgetId = "bud";
    /// Something a person should see to.
    AlertId = "alrt";
    /// A vendor's list that is pulled page by page.
    PullId = "pull";
    /// A campaign, from draft to the last delivery report.
    CampaignId = "cmp";
    /// A template of messages: its name, over all its versions.
    TemplateId = "tpl";
    /// One version of a template: a text that never changes.
    TemplateVersionId = "tplv";
    /// A number or an address that messages are sent from.
    SenderId = "snd";
    /// An order of a number that a vendor is to sell.
    NumberOrderId = "num";
    /// A number or an address of the team's own, to which templates are sent to be looked at.
    TestRecipientId = "trcp";
    /// A template that is sent to be looked at.
    TestSendId = "tsnd";
    /// An e-mail that belongs to no campaign.
    LetterId = "ltr";
    /// A voice and tone in which messages are written.
    SdrProfileId = "sdr";
    /// The intent to send one lead one step of a campaign: the row of the send ledger.
    IntentId = "int";
    /// A message that went out or came in.
    MessageId = "msg";
    /// What the gate said of one message at one moment.
    VerdictId = "vrd";
    /// A consent to be contacted, with its evidence.
    ConsentId = "cons";
    /// Somebody who must not be contacted.
    SuppressionId = "supp";
    /// A switch that stops a campaign, a team, a sender or everything.
    KillSwitchId = "kill";
    /// A version of the rules of the gate.
    RuleSetId = "rule";
    /// One delivery of a webhook.
    DeliveryId = "dlv";
    /// The token in the address of a webhook.
    WebhookTokenId = "hook";
    /// Where a team wants to be told what happens.
    WebhookEndpointId = "whe";
    /// Something that is told to an endpoint.
    NoticeId = "ntc";
    /// What is said between one of our addresses and one of theirs.
    ConversationId = "conv";
    /// One reply, waiting for a person to see it.
    InboxItemId = "item";
    /// An answer that was prepared, and what a person made of it.
    SuggestionId = "sug";
    /// A call that somebody is to make.
    QueuedCallId = "qcall";
    /// Something that somebody is to do.
    TaskId = "task";
    /// An answer that is kept ready.
    CannedReplyId = "canned";
    /// What was promised for an address: made once, sent once.
    DeliverableId = "dlvr";
    /// A rule of following up.
    FollowUpRuleId = "frule";
    /// One following up of one conversation, by one rule, on one occasion.
    FollowUpId = "fup";
    /// One move of a reply from a bucket to another.
    BucketMovementId = "move";
    /// A person's correction of what a reply was taken for.
    ReclassificationId = "recl";
    /// One question to a language model.
    ModelCallId = "mcall";
}

/// Ids of what a file's rows become, derived from the file and the row instead of from chance: the same chunk
/// processed twice, by whichever worker, makes the same ids.
///
/// Layout, so that ids of one file sort by row and never meet those of another: the file's own 48 bits of
/// time, 48 bits of SHA-256 of the file's id, 32 bits of row number.
#[derive(Debug, Clone, Copy)]
pub struct RowIds {
    prefix: u128,
}

impl RowIds {
    /// The ids of the rows of `source`.
    pub fn of(source: DataSourceId) -> Self {
        let digest = Sha256::digest(source.uuid().as_bytes());
        let hash = digest[..6].iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
        Self { prefix: u128::from(source.timestamp_ms()) << 80 | hash << 32 }
    }

    /// The 24 hex digits that all of the file's ids begin with, for `row_uuid` in SQL.
    pub fn hex_prefix(self) -> String {
        format!("{:024x}", self.prefix >> 32)
    }

    /// The id that row number `row` (from 1) gives to whatever is first made from it.
    pub fn row(self, row: u32) -> Uuid {
        Uuid::from_u128(self.prefix | u128::from(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(ms: u64, random: u128) -> DataSourceId {
        DataSourceId::from_uuid(Uuid::from_u128(Ulid::from_parts(ms, random).0))
    }

    #[test]
    fn renders_with_its_prefix_and_reads_back() {
        let id = source(1_700_000_000_000, 42);
        let text = id.to_string();
        assert!(text.starts_with("src_01H"), "{text}");
        assert_eq!(text.parse::<DataSourceId>(), Ok(id));
        assert_eq!(serde_json::to_string(&id).ok(), Some(format!("\"{text}\"")));
    }

    #[test]
    fn refuses_another_kind_and_says_what_it_wanted() {
        let lead = source(1, 1).to_string().replace("src_", "lead_");
        let refused = lead.parse::<DataSourceId>().expect_err("a lead is not a source");
        assert_eq!(refused.prefix, "src");
        assert!("src_".parse::<DataSourceId>().is_err());
        assert!("src_01J".parse::<DataSourceId>().is_err());
    }

    #[test]
    fn row_ids_sort_by_row_and_differ_between_files_of_one_millisecond() {
        let (one, two) = (RowIds::of(source(5, 1)), RowIds::of(source(5, 2)));
        assert!(one.row(1) < one.row(2) && one.row(2) < one.row(u32::MAX));
        assert_ne!(one.row(1), two.row(1));
        assert_eq!(one.row(7), RowIds::of(source(5, 1)).row(7));
        assert_eq!(LeadId::from_uuid(one.row(1)).timestamp_ms(), 5);
    }
}
