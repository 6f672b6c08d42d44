//! All that is asked of one key, which is split into its words once.

use super::business::Business;
use super::classes::Class;
use super::split::{self, Path, Words};
use super::{Meaning, Pair, business, inferred, pairs};

/// A key's words, and what is asked of them.
pub struct SplitKey<'a> {
    key: &'a [u8],
    path: Path,
}

impl<'a> SplitKey<'a> {
    /// Splits `key`.
    pub fn new(key: &'a [u8]) -> Self {
        let key = super::predicate::subject(key);
        Self { key, path: split::path(key) }
    }

    /// [`super::meaning`].
    pub fn meaning(&self, parent: Option<&[u8]>) -> Meaning {
        if super::is_unknown(self.key, parent) { Meaning::Unknown } else { super::meaning_of(&self.path, parent) }
    }

    /// [`is_person`].
    pub fn is_person(&self) -> bool {
        is_person_of(&self.path.key)
    }

    /// [`pair`].
    pub fn pair(&self) -> Option<Pair> {
        pairs::half(&self.path.key)
    }

    /// Whether it says that what is around has this value: `value`, `text`, a language's code.
    pub fn is_value(&self) -> bool {
        let (key, word) = (self.key, self.path.key.joined());
        matches!(word, "value" | "values" | "val" | "text" | "content" | "string" | "label" | "default" | "raw")
            || key.len() == 2 && key.iter().all(u8::is_ascii_lowercase)
            || key.len() == 5 && matches!(key[2], b'_' | b'-')
    }

    /// [`super::is_of_thing`].
    pub fn is_of_thing(&self) -> bool {
        inferred::speaks_of_thing(&self.path.key)
    }

    /// Whether it is the number, the code or the like of something that is not a person: `receipt_number`.
    pub fn is_numbered(&self) -> bool {
        inferred::is_numbered(&self.path.key)
    }

    /// Whether articles have it, or programs and machines.
    pub fn is_of_goods_or_process(&self) -> bool {
        inferred::has_goods(&self.path.key) || inferred::has_process(&self.path.key)
    }

    /// Whether messages and calls between two numbers have it.
    pub fn is_of_message(&self) -> bool {
        business::is_of_message(&self.path.key)
    }

    /// Which parts of the business it speaks of.
    pub fn business(&self) -> Business {
        Business::of(&self.path.key)
    }
}

/// Which half of a pair `key` is, if there is another key of the other half beside it.
pub fn pair(key: &[u8]) -> Option<Pair> {
    pairs::half(&split::last(key))
}

/// Whether what stands within `key` is about a person, so that a bare `name` in it is a person's.
pub fn is_person(key: &[u8]) -> bool {
    is_person_of(&split::last(key))
}

fn is_person_of(words: &Words) -> bool {
    super::standing(words) == Some(Class::Person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::lexicon;

    #[test]
    fn a_key_that_is_split_once_says_what_each_question_alone_says() {
        let keys = [
            "name",
            "buyer.name",
            "buyer_email",
            "ip-10-70-145-57",
            "shipFromCity",
            "orders[0].sku",
            "qty",
            "",
            "[0]",
            "nombre",
            "Größe",
            "depot_city",
            "messageSid",
            "receipt_number",
            "strange",
            "supplierName",
            "Straße 2",
        ];
        for key in keys.map(str::as_bytes) {
            let asked = SplitKey::new(key);
            for parent in [None, Some(&b"buyer"[..]), Some(b"product"), Some(b"")] {
                assert_eq!(asked.meaning(parent), lexicon::meaning(key, parent), "{key:?} {parent:?}");
            }
            assert_eq!(asked.is_person(), is_person(key));
            assert_eq!(asked.pair(), pair(key));
            assert_eq!(asked.is_of_thing(), lexicon::is_of_thing(key));
            assert_eq!(asked.business().has_site(), lexicon::is_of_site(key));
            assert_eq!(asked.business().has_stock(), lexicon::is_of_stock(key));
            assert_eq!(asked.business().has_order(), lexicon::is_of_order(key));
            assert_eq!(asked.business().has_partner(), lexicon::is_trading(key));
            assert!(asked.is_of_goods_or_process() || !lexicon::is_of_goods(key));
        }
        let said = |key: &'static str| SplitKey::new(key.as_bytes());
        assert!(said("receipt_number").is_numbered() && !said("name").is_numbered());
        assert!(said("messageSid").is_of_message() && !said("order_id").is_of_message());
        assert!(said("en_GB").is_value() && said("de").is_value() && !said("name").is_value());
        assert!(said("qty").is_of_goods_or_process() && said("hostname").is_of_goods_or_process());
    }
}
