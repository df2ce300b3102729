//! Every way in which the work can go wrong, by a stable code.
//!
//! One enum with four readings: the failure type in Temporal, the `match` of a workflow, the `type` of an
//! HTTP problem and the page `docs/errors/<code>.md`. A code is never renamed: machines depend on it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How far a failure reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A remark on a row, which goes on.
    Flag,
    /// The row is set aside, the file goes on.
    Reject,
    /// The run stops.
    Failure,
    /// A person has to look.
    Incident,
}

/// A code that no failure has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a failure code")]
pub struct UnknownFailureCode(String);

macro_rules! failure_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $severity:ident;)*) => {
        /// A stable name for one way in which the work can go wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FailureCode {
            $($(#[$doc])* $name,)*
        }

        impl FailureCode {
            /// All codes, in the order of the stages.
            pub const ALL: &'static [FailureCode] = &[$(FailureCode::$name,)*];

            /// The code as it is written everywhere outside Rust.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Its page in `docs/errors`, in Markdown: a title, what happened, and what to do.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../docs/errors/", $code, ".md")),)* }
            }

            /// How far this failure reaches.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }

        impl FromStr for FailureCode {
            type Err = UnknownFailureCode;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($code => Ok(Self::$name),)* _ => Err(UnknownFailureCode(text.to_owned())) }
            }
        }
    };
}

failure_codes! {
    /// The file, or one of its rows, cannot be read as the table it claims to be.
    UploadCsvParseError = "upload.csv_parse_error" Failure;
    /// The header names none of the columns that are needed.
    UploadMissingColumns = "upload.missing_columns" Failure;
    /// The file took longer than it may.
    UploadTimeout = "upload.timeout" Failure;
    /// The team's limit on file size, open uploads or stored bytes is reached.
    UploadQuotaExceeded = "upload.quota_exceeded" Failure;
    /// The same content is already loaded or being loaded.
    UploadDuplicateFile = "upload.duplicate_file" Failure;
    /// More rows were set aside than the team accepts.
    UploadTooManyRejects = "upload.too_many_rejects" Failure;
    /// The stored object is not there any more, or is not the one that was uploaded.
    UploadObjectMissing = "upload.object_missing" Failure;
    /// A person or the system stopped the upload.
    UploadCancelled = "upload.cancelled" Failure;
    /// Object storage cannot be reached.
    UploadStorageUnavailable = "upload.storage_unavailable" Failure;
    /// The row has more or fewer columns, or a broken quote, so that its cells cannot be trusted.
    UploadRowUnreadable = "upload.row_unreadable" Reject;
    /// The row has neither a name (company or contact) nor an e-mail nor a phone, or lacks what the mapping
    /// profile requires.
    NormalizeEmptyRow = "normalize.empty_row" Reject;
    /// A phone that cannot be a number of the North American plan.
    NormalizeInvalidPhone = "normalize.invalid_phone" Flag;
    /// An e-mail address that cannot be one.
    NormalizeInvalidEmail = "normalize.invalid_email" Flag;
    /// Neither name, abbreviation nor ZIP tells the state.
    NormalizeUnknownState = "normalize.unknown_state" Flag;
    /// The business is already known.
    NormalizeDuplicateBusiness = "normalize.duplicate_business" Flag;
    /// No SIC code, or one that the 1987 manual does not have.
    NormalizeMissingSic = "normalize.missing_sic" Flag;
    /// A persona, lead or contact point refers to something that is not there.
    ResolveOrphanRecords = "resolve.orphan_records" Incident;
    /// A merge that would make a record its own ancestor.
    ResolveCircularMerge = "resolve.circular_merge" Incident;
    /// The score of a lead cannot be computed.
    PrepareScoringError = "prepare.scoring_error" Failure;
    /// The lead lacks what its score is usually made of.
    PrepareMissingData = "prepare.missing_data" Flag;
    /// Two tags that exclude each other.
    PrepareTagConflict = "prepare.tag_conflict" Failure;
    /// A vendor did not answer in the time it had, or nobody knows whether it was asked. It may have charged.
    EnrichApiTimeout = "enrich.api_timeout" Failure;
    /// A vendor wants to be left alone for longer than a run waits.
    EnrichRateLimited = "enrich.rate_limited" Failure;
    /// Every vendor that could be asked was asked, and none knows how to reach the lead.
    EnrichNoResults = "enrich.no_results" Flag;
    /// A vendor announced more than it sent in time.
    EnrichPartialResponse = "enrich.partial_response" Flag;
    /// A vendor's account is out of money or disabled; nobody calls before a person has seen to it.
    EnrichAccountStopped = "enrich.account_stopped" Incident;
    /// A budget or a daily cap has too little left for the next call.
    EnrichBudgetExhausted = "enrich.budget_exhausted" Failure;
    /// A person stopped the enrichment.
    EnrichCancelled = "enrich.cancelled" Failure;
    /// Too few leads fit the criteria of a block.
    CampaignInsufficientLeads = "campaign.insufficient_leads" Failure;
    /// The leads of a block could not be claimed.
    CampaignBlockFormationError = "campaign.block_formation_error" Failure;
    /// No lead has an address of the kind the campaign needs: for texts, a mobile or voip number.
    CampaignNoMobilePhones = "campaign.no_mobile_phones" Failure;
    /// A step of the campaign has no template, or one that is not there.
    CampaignTemplateMissing = "campaign.template_missing" Failure;
    /// A template that cannot be sent: unknown variable, braces left open, too long, no way to opt out.
    CampaignTemplateInvalid = "campaign.template_invalid" Failure;
    /// There is no number or address to send from.
    CampaignSenderMissing = "campaign.sender_missing" Failure;
    /// The campaign is in a state that does not take this action.
    CampaignWrongState = "campaign.wrong_state" Failure;
    /// What would be sent is not what the approver saw.
    CampaignPreviewStale = "campaign.preview_stale" Failure;
    /// The author of the campaign may not approve it.
    CampaignFourEyes = "campaign.four_eyes" Failure;
    /// The approval is too old to be acted upon.
    CampaignApprovalExpired = "campaign.approval_expired" Failure;
    /// The campaign ran past its expiry; what was not sent never will be.
    CampaignExpired = "campaign.expired" Failure;
    /// What was spent has reached the budget; the campaign is paused.
    CampaignBudgetExhausted = "campaign.budget_exhausted" Failure;
    /// Too many of the last messages failed; the campaign is paused.
    CampaignErrorRate = "campaign.error_rate" Incident;
    /// A person stopped the campaign for good.
    CampaignCancelled = "campaign.cancelled" Failure;
    /// The provider refused the message, or failed, for a reason that is not the recipient's.
    SendProviderError = "send.provider_error" Failure;
    /// The provider says the number does not exist or takes no texts.
    SendInvalidNumber = "send.invalid_number" Flag;
    /// The provider or the carrier takes no more until a limit of theirs begins anew.
    SendRateLimited = "send.rate_limited" Failure;
    /// The number is a landline.
    SendLandlineBlocked = "send.landline_blocked" Flag;
    /// Nobody knows whether the provider took the message, and its own list does not tell.
    SendOutcomeUnknown = "send.outcome_unknown" Incident;
    /// The provider knows of an opt-out that we did not.
    SendRecipientOptedOut = "send.recipient_opted_out" Incident;
    /// A carrier or the provider filtered the message for what it says or who says it.
    SendContentBlocked = "send.content_blocked" Failure;
    /// The handset could not be reached.
    SendUnreachable = "send.unreachable" Flag;
    /// The provider's account, or the sender's set-up there, does not allow sending.
    SendAccountStopped = "send.account_stopped" Incident;
    /// The gate did not let the message out.
    SendHeld = "send.held" Flag;
    /// A reply from an address that no lead of the team has.
    InboundNoLeadMatch = "inbound.no_lead_match" Flag;
    /// A delivery of a webhook that was taken in before.
    InboundDuplicateWebhook = "inbound.duplicate_webhook" Flag;
    /// The provider has a reply that its webhook never brought, or brought too late.
    InboundWebhookTimeout = "inbound.webhook_timeout" Incident;
    /// A webhook whose address or signature is not one of ours.
    InboundTokenInvalid = "inbound.token_invalid" Reject;
    /// No rule of the client's book says what the reply is.
    ClassifyNoMatch = "classify.no_match" Flag;
    /// The rules say something, but not surely enough.
    ClassifyLowConfidence = "classify.low_confidence" Flag;
    /// The reply seems to hold an address or number that cannot be read.
    ClassifyExtractionError = "classify.extraction_error" Flag;
    /// The priority of a reply cannot be computed.
    RouteScoringError = "route.scoring_error" Failure;
    /// More calls wait than the people who call can make.
    RouteQueueOverflow = "route.queue_overflow" Incident;
    /// Nobody who takes calls has the skill or the time for this one.
    RouteNoWorker = "route.no_worker" Flag;
    /// The suggestion took longer than it may.
    CopilotResponseDelay = "copilot.response_delay" Flag;
    /// What a suggestion is made from is not there.
    CopilotContextMissing = "copilot.context_missing" Flag;
    /// The suggestion answers a message that is not the last one any more.
    CopilotSuggestionStale = "copilot.suggestion_stale" Failure;
    /// Somebody has decided on the suggestion already, or it has expired.
    CopilotSuggestionDecided = "copilot.suggestion_decided" Failure;
    /// A reply may not go out without a person's approval.
    CopilotApprovalRequired = "copilot.approval_required" Failure;
    /// The conversation is in a state that does not take this action.
    CloseWrongState = "close.wrong_state" Failure;
    /// Somebody who wanted something was never followed up.
    CloseNoFollowUp = "close.no_follow_up" Incident;
    /// A hot lead has gone cold, because nobody dealt with it in time.
    CloseLostLead = "close.lost_lead" Incident;
    /// A conversation cannot be closed without saying how it ended.
    CloseIncompleteNotes = "close.incomplete_notes" Failure;
    /// The disposition and the bucket of the conversation contradict each other.
    CloseWrongBucket = "close.wrong_bucket" Failure;
    /// What the service depends on (database, Temporal, storage) does not answer.
    SystemUnavailable = "system.unavailable" Failure;
    /// A defect of ours; the log has the cause under the request or workflow id.
    SystemInternal = "system.internal" Incident;
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for FailureCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FailureCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_names_its_stage() {
        for code in FailureCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(code.as_str().split('.').count(), 2, "{code} is stage.reason");
        }
        assert!("upload.no_such".parse::<FailureCode>().is_err());
    }

    #[test]
    fn every_page_is_about_its_code_and_says_what_to_do() {
        for code in FailureCode::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# `{code}`: ")), "{code}");
            assert!(page.contains("\n## What happened\n") && page.contains("\n## What to do\n"), "{code}");
        }
    }
}
