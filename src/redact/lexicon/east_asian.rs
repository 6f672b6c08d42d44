//! Keys of Chinese and Japanese, whose words run together: `お届け先住所`, `收件人电话`.

use super::words::Sense;
use super::{Meaning, table};
use crate::redact::Kind;

/// Words for people, and for where a parcel goes to or comes from.
const PARTIES: [&str; 34] = [
    "お届け先",
    "届け先",
    "届先",
    "お届先",
    "送り先",
    "配送先",
    "配達先",
    "宛先",
    "荷受人",
    "受取人",
    "ご依頼主",
    "依頼主",
    "送り主",
    "差出人",
    "荷送人",
    "発送元",
    "注文者",
    "購入者",
    "請求先",
    "会員",
    "顧客",
    "お客様",
    "収件人",
    "收件人",
    "收货人",
    "寄件人",
    "发件人",
    "发货人",
    "买家",
    "买方",
    "客户",
    "顾客",
    "联系人",
    "用户",
];

/// What has come of an order: `注文ステータス`, `订单状态`.
const STATES: [&str; 6] = ["ステータス", "状態", "状态", "狀態", "状況", "상태"];

/// What a key that has no spaces means: by its end, if that is of a party, and else by its end and the value's shape.
pub(super) fn run_together(word: &str) -> Option<Meaning> {
    if STATES.iter().any(|state| word.ends_with(state)) {
        return Some(Meaning::Keep);
    }
    let party = PARTIES.iter().filter_map(|party| word.find(party).map(|at| at + party.len())).max();
    let ends = || {
        let ends = word.char_indices().skip(1).map(|(at, _)| at);
        ends.filter_map(|at| Some((at, table::sense(word.get(at..)?)?)))
    };
    // The longest end behind a party's word, whatever longer one runs into it.
    let of_party = ends().filter(|(at, _)| party.is_some_and(|end| end <= *at)).find_map(|(_, sense)| match sense {
        Sense::Personal(kind) => Some(Meaning::Personal(kind)),
        Sense::Address => Some(Meaning::Personal(Kind::Postal)),
        Sense::Name => Some(Meaning::Personal(Kind::Name)),
        _ => None,
    });
    of_party.or_else(|| {
        ends().find_map(|(at, sense)| match sense {
            Sense::Personal(kind @ (Kind::Phone | Kind::Postal | Kind::Tax | Kind::Account))
                if word.get(at..)?.chars().count() >= 2 =>
            {
                Some(Meaning::Doubtful(kind))
            }
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_spaces_is_judged_by_its_end() {
        for (key, kind) in [
            ("お届け先住所", Kind::Postal),
            ("ご依頼主電話番号", Kind::Phone),
            ("お届け先名", Kind::Name),
            ("收件人地址", Kind::Postal),
            ("寄件人电话", Kind::Phone),
        ] {
            assert_eq!(run_together(key), Some(Meaning::Personal(kind)), "{key}");
        }
        for key in ["商品名", "送り状種類", "お届け予定日"] {
            assert_eq!(run_together(key), None, "{key}");
        }
        for key in ["订单状态", "注文ステータス", "배송상태"] {
            assert_eq!(run_together(key), Some(Meaning::Keep), "{key}");
        }
    }
}
