//! What is known of the marketplace's operations: which members of their requests and answers, and which parameters,
//! are personal. 371 operations, from `schema.txt`, which `bench/pii/schema.py` makes.
//!
//! The lexicon knows most of these members by their names; the schema knows them by their places, and so knows the
//! `name` of a buyer from the `name` of a technician's skill.

use std::sync::LazyLock;

use super::super::Kind;

/// The table.
const TEXT: &str = include_str!("schema.txt");
/// Members below one another: the deepest is nine.
const MAX_DEPTH: usize = 16;

/// Members of an object, sorted by name.
#[derive(Debug, Default)]
struct Members(Vec<(&'static str, Member)>);

#[derive(Debug)]
enum Member {
    Leaf(Kind),
    Object(Members),
    /// A group that several objects share, by its number.
    Group(usize),
}

/// What the table says of an object's content.
#[derive(Debug)]
enum Content {
    Own(Members),
    Group(usize),
}

/// An operation of the marketplace's API.
#[derive(Debug)]
pub struct Operation {
    method: &'static str,
    /// Segments, `None` for a parameter.
    template: Box<[Option<&'static str>]>,
    restricted: bool,
    content: Content,
}

/// What may be known of a path.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    /// An operation of the table.
    Operation(&'static Operation),
    /// No operation of the table, but of a family that needs a restricted token: every string counts as personal.
    Restricted,
    /// Nothing of the marketplace's.
    Nothing,
}

/// A place in an operation's content: follow it down member by member. Places in lists are no members.
#[derive(Clone, Copy, Debug)]
pub struct Place(&'static Members);

struct Table {
    groups: Vec<Content>,
    prefixes: Vec<&'static str>,
    /// Sorted by the first segment, for there are 40 of them.
    operations: Vec<Operation>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

/// The operation that `method` and `path` (decoded, without query) call.
pub fn operation(method: &str, path: &str) -> Option<&'static Operation> {
    let segments: smallvec::SmallVec<[&str; 16]> = segments(path).collect();
    let table = &*TABLE;
    let first = Some(*segments.first()?);
    let from = table.operations.partition_point(|operation| operation.first() < first);
    let family = table.operations[from..].iter().take_while(|operation| operation.first() == first);
    // Literal segments win over parameters, as in the marketplace's own router.
    family
        .filter(|operation| operation.method.eq_ignore_ascii_case(method) && operation.matches(&segments))
        .min_by_key(|operation| operation.template.iter().filter(|segment| segment.is_none()).count())
}

/// What is known of a request.
pub fn look_up(method: &str, path: &str) -> Known {
    if let Some(operation) = operation(method, path) {
        return Known::Operation(operation);
    }
    if is_restricted_family(path) { Known::Restricted } else { Known::Nothing }
}

/// Whether `path` is below a prefix of operations that need a restricted token.
pub fn is_restricted_family(path: &str) -> bool {
    TABLE.prefixes.iter().any(|prefix| {
        let mut path = segments(path);
        segments(prefix).all(|segment| path.next() == Some(segment))
    })
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

impl Operation {
    /// Whether a restricted token is needed, so that its answer is personal.
    pub const fn is_restricted(&self) -> bool {
        self.restricted
    }

    /// The top of its requests and answers; query parameters are members of it.
    pub fn root(&'static self) -> Place {
        Place(self.content.members())
    }

    /// What the leaf at a path such as `$.payload.Orders[3].BuyerInfo.BuyerEmail` is, if it is personal. Places in
    /// lists and the leading `$` may be left out.
    pub fn is_personal(&'static self, json_path: &str) -> Option<Kind> {
        let path = json_path.strip_prefix('$').unwrap_or(json_path);
        let mut names = path
            .split(['.', '[', ']'])
            .filter(|name| !name.is_empty() && *name != "*" && !name.bytes().all(|byte| byte.is_ascii_digit()));
        let mut place = self.root();
        let mut name = names.next()?;
        for next in names.take(MAX_DEPTH) {
            place = place.below(name)?;
            name = next;
        }
        place.leaf(name)
    }

    fn first(&self) -> Option<&'static str> {
        self.template.first().copied().flatten()
    }

    fn matches(&self, segments: &[&str]) -> bool {
        self.template.len() == segments.len()
            && self.template.iter().zip(segments).all(|(known, segment)| known.is_none_or(|known| known == *segment))
    }
}

impl Place {
    /// The kind of the member `name`, if it is a personal leaf.
    pub fn leaf(self, name: &str) -> Option<Kind> {
        match self.0.get(name)? {
            Member::Leaf(kind) => Some(*kind),
            Member::Object(_) | Member::Group(_) => None,
        }
    }

    /// The place of the member `name`, if there is anything personal below it.
    pub fn below(self, name: &str) -> Option<Self> {
        match self.0.get(name)? {
            Member::Leaf(_) => None,
            Member::Object(members) => Some(Self(members)),
            Member::Group(number) => TABLE.groups.get(*number).map(|content| Self(content.members())),
        }
    }
}

impl Content {
    fn members(&'static self) -> &'static Members {
        static NONE: Members = Members(Vec::new());
        let mut content = self;
        for _ in 0..MAX_DEPTH {
            match content {
                Self::Own(members) => return members,
                Self::Group(number) => match TABLE.groups.get(*number) {
                    Some(group) => content = group,
                    None => break,
                },
            }
        }
        &NONE
    }
}

impl Members {
    /// A name that is not known may still be any name: `*` in the models is a map's key.
    fn get(&self, name: &str) -> Option<&Member> {
        let find = |name: &str| self.0.binary_search_by_key(&name, |(known, _)| known).ok();
        find(name).or_else(|| find("*")).map(|index| &self.0[index].1)
    }
}

impl Table {
    fn read() -> Self {
        let mut table = Self { groups: Vec::new(), prefixes: Vec::new(), operations: Vec::new() };
        for line in TEXT.lines() {
            match line.as_bytes().first() {
                None | Some(b'#') => {}
                Some(b'@') => {
                    let (_, text) = line.split_once(' ').unwrap_or((line, ""));
                    table.groups.push(content(text));
                }
                Some(b'-') => table.prefixes.push(&line[1..]),
                Some(_) => {
                    let mut parts = line.splitn(4, ' ');
                    let mut next = || parts.next().unwrap_or_default();
                    let (method, path, restricted, text) = (next(), next(), next() == "R", next());
                    let template =
                        segments(path).map(|segment| (!segment.starts_with('{')).then_some(segment)).collect();
                    table.operations.push(Operation { method, template, restricted, content: content(text) });
                }
            }
        }
        table.operations.sort_by_key(Operation::first);
        table
    }
}

fn content(text: &'static str) -> Content {
    match text.strip_prefix('@').and_then(|number| number.parse().ok()) {
        Some(number) => Content::Group(number),
        None => Content::Own(members(text)),
    }
}

/// `a=n,b(c=e),d(@3)`
fn members(text: &'static str) -> Members {
    let mut found: Vec<(&'static str, Member)> = parts(text)
        .filter_map(|part| {
            if let Some((name, inner)) = part.strip_suffix(')').and_then(|part| part.split_once('(')) {
                return Some((
                    name,
                    match content(inner) {
                        Content::Own(members) => Member::Object(members),
                        Content::Group(number) => Member::Group(number),
                    },
                ));
            }
            let (name, letter) = part.split_once('=')?;
            Some((name, Member::Leaf(kind(letter)?)))
        })
        .collect();
    found.sort_by_key(|(name, _)| *name);
    Members(found)
}

/// Splits at commas outside parentheses.
fn parts(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    std::iter::from_fn(move || {
        let now = rest?;
        let mut depth = 0_usize;
        let end = now.bytes().position(|byte| {
            match byte {
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            byte == b',' && depth == 0
        });
        rest = end.map(|end| &now[end + 1..]);
        Some(&now[..end.unwrap_or(now.len())])
    })
}

fn kind(letter: &str) -> Option<Kind> {
    Some(match letter {
        "a" => Kind::Postal,
        "d" => Kind::Document,
        "e" => Kind::Email,
        "f" => Kind::Text,
        "g" => Kind::Geo,
        "G" => Kind::Gift,
        "h" => Kind::Health,
        "i" => Kind::Address,
        "I" => Kind::Identity,
        "m" => Kind::Account,
        "n" => Kind::Name,
        "o" => Kind::Value,
        "p" => Kind::Place,
        "s" => Kind::Token,
        "t" => Kind::Phone,
        "v" => Kind::Device,
        "x" => Kind::Tax,
        "z" => Kind::Postcode,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(members: &Members) -> usize {
        members
            .0
            .iter()
            .map(|(_, member)| match member {
                Member::Leaf(_) => 1,
                Member::Object(members) => leaves(members),
                Member::Group(number) => usize::from(*number >= TABLE.groups.len()) * 1000,
            })
            .sum()
    }

    #[test]
    fn every_line_of_the_table_is_understood() {
        assert_eq!(TABLE.operations.len(), 371);
        assert_eq!(TABLE.operations.iter().filter(|operation| operation.is_restricted()).count(), 31);
        assert!(TABLE.operations.is_sorted_by_key(Operation::first));
        // As many leaves come out as letters went in, groups counted once.
        let written = TEXT.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.matches('=')).count();
        let own = |content: &Content| if let Content::Own(members) = content { leaves(members) } else { 0 };
        let read: usize = TABLE.groups.iter().map(own).sum::<usize>()
            + TABLE.operations.iter().map(|operation| own(&operation.content)).sum::<usize>();
        assert_eq!(read, written);
    }

    #[test]
    fn leaves_are_found_by_their_place() {
        let orders = operation("GET", "/orders/v0/orders").unwrap();
        assert!(orders.is_restricted());
        let table = [
            ("$.payload.Orders[*].BuyerInfo.BuyerEmail", Some(Kind::Email)),
            ("payload.Orders[3].ShippingAddress.Name", Some(Kind::Name)),
            ("payload.Orders.3.ShippingAddress.PostalCode", Some(Kind::Postcode)),
            ("payload.Orders[0].ShippingAddress.CountryCode", None),
            ("payload.Orders[0].AmazonOrderId", None),
            ("payload.Orders[0].BuyerInfo", None),
            ("BuyerEmail", Some(Kind::Email)),
            ("", None),
            ("$", None),
        ];
        for (path, kind) in table {
            assert_eq!(orders.is_personal(path), kind, "{path}");
        }
        let order = operation("get", "/orders/2026-01-01/orders/902-3159896-1390916").unwrap();
        assert_eq!(order.is_personal("$.order.buyer.buyerName"), Some(Kind::Name));
        assert_eq!(
            order.is_personal("$.order.recipient.deliveryAddress.extendedFields.streetName"),
            Some(Kind::Postal)
        );
        assert!(operation("GET", "/orders/v0/orders/1/nothing").is_none());
        assert!(operation("BREW", "/orders/v0/orders").is_none());
    }

    #[test]
    fn map_keys_may_be_anything() {
        let points = TABLE
            .operations
            .iter()
            .find(|operation| operation.is_personal("payload.accessPointsMap.HELIX[0].address.name").is_some());
        assert!(points.is_some());
    }

    #[test]
    fn an_operation_that_is_not_listed_is_restricted_if_its_family_is() {
        assert!(matches!(look_up("GET", "/orders/v0/orders/1/somethingNew"), Known::Restricted));
        assert!(matches!(look_up("GET", "/mfn/v0/other"), Known::Restricted));
        assert!(
            matches!(look_up("GET", "/orders/v0/orders/1"), Known::Operation(operation) if operation.is_restricted())
        );
        assert!(matches!(look_up("GET", "/catalog/2022-04-01/nothing/at/all"), Known::Nothing));
        assert!(matches!(look_up("GET", "/ordersandmore/v0"), Known::Nothing));
    }
}
