//! Who may do what: roles in a team, the permissions they carry, and the scopes an API key narrows them to.
//!
//! A person has one role per team. Approving and sending are separate rights, and no role has both: whoever
//! releases a campaign is not the one who sends it, not even an admin.

use crate::named::named_enum;

named_enum! {
    /// What a person may be in a team, from the one who may least.
    Role {
        /// Looks, changes nothing.
        Viewer = "viewer",
        /// Uploads lists, builds blocks, drafts and sends campaigns that were released, works the inbox.
        Operator = "operator",
        /// Releases campaigns. The only one who can.
        Approver = "approver",
        /// An operator who also manages people, keys, limits and suppressions.
        Admin = "admin",
    }
}

named_enum! {
    /// One thing that a person may or may not do.
    Permission {
        /// See the team's files, leads, blocks, buckets and failures.
        Read = "read",
        /// Upload files, cancel and retry what was uploaded, keep mapping profiles.
        Upload = "upload",
        /// Take back a completed upload.
        UndoUpload = "undo_upload",
        /// Enter and correct leads by hand.
        EditLeads = "edit_leads",
        /// Say which people and businesses are one and which are not, and take merges apart.
        MergeRecords = "merge_records",
        /// Have vendors asked about leads, which costs money.
        Enrich = "enrich",
        /// Make and dissolve blocks.
        ManageBlocks = "manage_blocks",
        /// Draft campaigns and work the inbox.
        DraftCampaigns = "draft_campaigns",
        /// Release a campaign that somebody drafted.
        Approve = "approve",
        /// Start, pause and stop the sending of a released campaign.
        Send = "send",
        /// Read the decrypted payloads of workflows in the Temporal UI.
        DecodePayloads = "decode_payloads",
        /// Add people, give roles, make and revoke keys.
        ManageTeam = "manage_team",
        /// Change limits, budgets and scoring targets.
        ManageLimits = "manage_limits",
        /// Add and lift suppressions.
        ManageSuppressions = "manage_suppressions",
    }
}

named_enum! {
    /// What an API key is for. A key may do the smaller of its scopes and its user's role.
    Scope {
        /// Everything that changes nothing.
        Read = "read",
        /// Everything that changes something. Does not include reading.
        Write = "write",
    }
}

impl Permission {
    /// The scope a key needs for this.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Read | Self::DecodePayloads => Scope::Read,
            Self::Upload
            | Self::UndoUpload
            | Self::EditLeads
            | Self::MergeRecords
            | Self::Enrich
            | Self::ManageBlocks
            | Self::DraftCampaigns
            | Self::Approve
            | Self::Send
            | Self::ManageTeam
            | Self::ManageLimits
            | Self::ManageSuppressions => Scope::Write,
        }
    }
}

impl Role {
    /// Whether somebody with this role may do that.
    pub const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::Read => true,
            Permission::Approve => matches!(self, Self::Approver),
            Permission::Upload
            | Permission::UndoUpload
            | Permission::EditLeads
            | Permission::MergeRecords
            | Permission::Enrich
            | Permission::ManageBlocks
            | Permission::DraftCampaigns
            | Permission::Send
            | Permission::DecodePayloads => matches!(self, Self::Operator | Self::Admin),
            Permission::ManageTeam | Permission::ManageLimits | Permission::ManageSuppressions => {
                matches!(self, Self::Admin)
            }
        }
    }

    /// Whether a key with these scopes, in the hands of somebody with this role, may do that.
    pub fn allows_with(self, scopes: &[Scope], permission: Permission) -> bool {
        self.allows(permission) && scopes.contains(&permission.scope())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_both_approves_and_sends() {
        for role in Role::ALL {
            assert!(!(role.allows(Permission::Approve) && role.allows(Permission::Send)), "{role}");
        }
        let approvers: Vec<_> = Role::ALL.iter().filter(|role| role.allows(Permission::Approve)).collect();
        assert_eq!(approvers, [&Role::Approver]);
    }

    #[test]
    fn a_viewer_only_reads_and_everybody_reads() {
        for permission in Permission::ALL {
            let reads = *permission == Permission::Read;
            assert_eq!(Role::Viewer.allows(*permission), reads, "{permission:?}");
        }
        assert!(Role::ALL.iter().all(|role| role.allows(Permission::Read)));
    }

    #[test]
    fn every_permission_is_in_somebodys_hands() {
        for permission in Permission::ALL {
            assert!(Role::ALL.iter().any(|role| role.allows(*permission)), "{permission:?}");
        }
        assert!(Role::Admin.allows(Permission::ManageTeam) && !Role::Operator.allows(Permission::ManageTeam));
    }

    #[test]
    fn a_key_narrows_its_users_role_and_never_widens_it() {
        assert!(!Role::Admin.allows_with(&[Scope::Read], Permission::Upload));
        assert!(!Role::Operator.allows_with(&[Scope::Write], Permission::Read));
        assert!(Role::Operator.allows_with(&[Scope::Read, Scope::Write], Permission::Upload));
        assert!(!Role::Viewer.allows_with(&[Scope::Read, Scope::Write], Permission::Upload));
        assert!(!Role::Admin.allows_with(&[], Permission::Read));
    }

    #[test]
    fn words_read_back_and_a_wrong_one_lists_the_right_ones() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
            assert_eq!(serde_json::to_string(role).ok(), Some(format!("\"{role}\"")));
        }
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        let refused = "owner".parse::<Role>().expect_err("no such role");
        for role in Role::ALL {
            assert!(refused.to_string().contains(role.as_str()), "{refused}");
        }
    }
}
