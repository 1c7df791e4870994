//! Roles, and sets of them.

use crate::{db::Sight, values::words};

words! {
    /// What somebody is to the registry.
    pub enum Role {
        /// Reads what is public.
        Viewer = "viewer",
        /// Also reads restricted records; records, and proposes what another person must confirm.
        Analyst = "analyst",
        /// Also confirms and rejects.
        Approver = "approver",
        /// Reads everything, the journal and who read what; changes nothing.
        Auditor = "auditor",
        /// Keeps the keys; reads what is public; neither records nor confirms.
        Admin = "admin",
    }
}

impl Role {
    /// How far the role sees.
    #[must_use]
    pub const fn sight(self) -> Sight {
        match self {
            Self::Viewer | Self::Admin => Sight::Public,
            Self::Analyst | Self::Approver => Sight::Restricted,
            Self::Auditor => Sight::Everything,
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Viewer => 1,
            Self::Analyst => 2,
            Self::Approver => 4,
            Self::Auditor => 8,
            Self::Admin => 16,
        }
    }
}

/// A set of roles. Who has several may do what any of them may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// No role: nothing is allowed.
    pub const NONE: Self = Self(0);

    /// Every role.
    pub const ALL: Self = Self::NONE
        .and(Role::Viewer)
        .and(Role::Analyst)
        .and(Role::Approver)
        .and(Role::Auditor)
        .and(Role::Admin);

    /// These and one more.
    #[must_use]
    pub const fn and(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether the two have a role in common.
    #[must_use]
    pub const fn meet(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How far the farthest seeing of them sees; without any, no further than what is public.
    #[must_use]
    pub fn sight(self) -> Sight {
        self.iter().map(Role::sight).max().unwrap_or(Sight::Public)
    }

    /// The roles, in the order of the model.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.contains(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<T: IntoIterator<Item = Role>>(roles: T) -> Self {
        roles.into_iter().fold(Self::NONE, Self::and)
    }
}
