//! Roles and who has them.

use std::collections::HashMap;

use super::rights::Rights;
use crate::redact::Name;

/// Most roles of a policy: a [`RoleSet`] stays four words that are copied and compared without a branch.
pub const MAX_ROLES: usize = 256;

/// A set of the policy's roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RoleSet([u64; MAX_ROLES / 64]);

/// A role's place in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RoleIndex(pub u8);

impl RoleSet {
    /// Adds a role.
    pub const fn insert(&mut self, role: RoleIndex) {
        self.0[role.0 as usize / 64] |= 1 << (role.0 % 64);
    }

    /// Whether the role is in the set.
    pub const fn contains(&self, role: RoleIndex) -> bool {
        self.0[role.0 as usize / 64] & (1 << (role.0 % 64)) != 0
    }

    /// The first role that both sets have.
    pub fn first_shared(&self, other: &Self) -> Option<RoleIndex> {
        (0..self.0.len()).find_map(|word| {
            let both = self.0[word] & other.0[word];
            // 4 words of 64 bits: the index stays below 256.
            #[expect(clippy::cast_possible_truncation, reason = "below MAX_ROLES, which is 256")]
            (both != 0).then(|| RoleIndex((word * 64) as u8 + both.trailing_zeros() as u8))
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; MAX_ROLES / 64]
    }

    /// The roles, in the policy's order.
    pub fn iter(self) -> impl Iterator<Item = RoleIndex> {
        (0..=u8::MAX).map(RoleIndex).filter(move |role| self.contains(*role))
    }

    /// The roles that both sets have.
    #[must_use]
    pub fn intersection(mut self, other: &Self) -> Self {
        for (word, kept) in self.0.iter_mut().zip(other.0) {
            *word &= kept;
        }
        self
    }

    /// Adds the roles of another set.
    pub fn extend(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }
}

/// What a policy makes of a caller; made once for each identity. Without it nobody could say later what another policy
/// would have made of the same caller.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Roles that it has, in the policy's order: `unmapped.portcullis.caller.roles`.
    pub roles: Vec<Name>,
    /// Groups that it is in and that the policy knows: `unmapped.portcullis.caller.groups`.
    pub groups: Vec<Name>,
}

/// How a principal proved its name: the prefix of a member in `roles.*.members`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// `user:` a token's subject.
    User,
    /// `cert:` a certificate's subject.
    Certificate,
    /// `key:` an API key's caller.
    Key,
}

impl PrincipalKind {
    /// The prefix, without the colon.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Certificate => "cert",
            Self::Key => "key",
        }
    }
}

/// `roles:` compiled: a look-up from member to roles.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    names: Vec<Name>,
    /// What each may as an operator; those at the end that may nothing are left out.
    rights: Vec<Rights>,
    members: HashMap<Box<str>, RoleSet>,
}

impl Roles {
    /// Roles from names and members (`user:…`, `cert:…`, `key:…`, `group:…`). At most [`MAX_ROLES`]; the compiler of
    /// the policy refuses more before it comes here, and what is beyond has no members.
    pub fn new<'a>(roles: impl IntoIterator<Item = (Name, Vec<&'a str>)>) -> Self {
        let mut made = Self::default();
        for (position, (name, members)) in roles.into_iter().enumerate() {
            let Ok(index) = u8::try_from(position) else { break };
            made.names.push(name);
            for member in members {
                made.members.entry(member.into()).or_default().insert(RoleIndex(index));
            }
        }
        made
    }

    /// The same roles, of which each may so much as an operator, in their order.
    #[must_use]
    pub fn with_rights(mut self, rights: Vec<Rights>) -> Self {
        self.rights = rights;
        self
    }

    /// What some roles may together as operators.
    pub fn rights(&self, roles: RoleSet) -> Rights {
        let each = roles.iter().filter_map(|role| self.rights.get(usize::from(role.0)));
        each.fold(Rights::default(), |all, more| all.and(*more))
    }

    /// What a role may as an operator.
    pub fn rights_by_name(&self, name: &Name) -> Rights {
        let place = self.names.iter().position(|known| known == name);
        place.and_then(|place| self.rights.get(place)).copied().unwrap_or_default()
    }

    /// The roles of a principal and its groups.
    pub fn of<'a>(&self, kind: PrincipalKind, subject: &str, groups: impl IntoIterator<Item = &'a str>) -> RoleSet {
        let mut roles = self.of_member(&format!("{}:{subject}", kind.prefix())).unwrap_or_default();
        for group in groups {
            roles.extend(&self.of_group(group).unwrap_or_default());
        }
        roles
    }

    /// The roles of a member as the policy spells it, `user:alice@seller.example`; `None` if nobody names it.
    pub fn of_member(&self, member: &str) -> Option<RoleSet> {
        self.members.get(member).copied()
    }

    /// The roles of a group; `None` if the policy does not know it.
    pub fn of_group(&self, group: &str) -> Option<RoleSet> {
        self.of_member(&format!("group:{group}"))
    }

    /// A role by its name.
    pub fn find(&self, name: &str) -> Option<RoleIndex> {
        let place = self.names.iter().position(|known| known.as_str() == name)?;
        u8::try_from(place).ok().map(RoleIndex)
    }

    /// A role's name.
    pub fn name(&self, role: RoleIndex) -> Option<&Name> {
        self.names.get(usize::from(role.0))
    }

    /// Members as the policy spells them, with their roles, in no order.
    pub fn members(&self) -> impl Iterator<Item = (&str, RoleSet)> {
        self.members.iter().map(|(member, roles)| (&**member, *roles))
    }

    /// All names, in order.
    pub fn names(&self) -> &[Name] {
        &self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_never_counts_as_a_user_of_the_same_name() {
        let name = |text| Name::configured(text).expect("a name");
        let roles = Roles::new([(name("support"), vec!["user:alice"]), (name("picker"), vec!["group:warehouse"])]);
        assert!(roles.of(PrincipalKind::User, "warehouse", []).is_empty());
        assert!(roles.of(PrincipalKind::Certificate, "alice", []).is_empty());
        assert_eq!(roles.of(PrincipalKind::User, "alice", ["warehouse"]).iter().count(), 2);
    }

    #[test]
    fn sets_hold_the_last_role() {
        let mut set = RoleSet::default();
        set.insert(RoleIndex(255));
        assert_eq!(set.first_shared(&set), Some(RoleIndex(255)));
    }
}
