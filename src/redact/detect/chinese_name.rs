//! Chinese names in running text, which has no spaces: a role, a family's name, and one or two characters more.

use super::text::run;

/// What stands before a name.
pub const ROLES: &[&str] = &[
    "发票抬头",
    "抬头",
    "客户",
    "顾客",
    "买家",
    "收件人",
    "收货人",
    "用户",
    "会员",
    "联系人",
    "寄件人",
    "收貨人",
    "買家",
    "客戶",
];

/// The hundred families' names that most people have, and a few of two characters.
const FAMILIES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鍾陸";
const DOUBLE: [&str; 10] = ["欧阳", "诸葛", "司马", "上官", "司徒", "夏侯", "东方", "皇甫", "尉迟", "歐陽"];
/// What may follow a name without a mark between.
const BEHIND: [&str; 40] = [
    "来电", "反映", "要求", "投诉", "申请", "联系", "致电", "拒收", "签收", "表示", "询问", "收到", "购买", "下单",
    "取消", "退货", "评价", "提交", "修改", "的", "说", "在", "已", "未", "称", "于", "通过", "因", "先生", "女士",
    "小姐", "您", "催", "确认", "支付", "想", "來電", "申請", "取貨", "希望",
];

/// Characters of grammar, which no name has.
const SMALL: &str = "的已未在于与和及是有为被把说称端";

/// The name behind the role at `from`.
pub fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let role = ROLES.iter().find(|role| text[from..].starts_with(role.as_bytes()))?;
    let mut start = from + role.len();
    for mark in ["姓名", "：", ":", " ", "“", "「"] {
        start += if text[start..].starts_with(mark.as_bytes()) { mark.len() } else { 0 };
    }
    let near = &text[start..text.len().min(start + 24)];
    let length = run(near, 0, near.len(), |byte| byte >= 0x80);
    let near = String::from_utf8_lossy(&near[..length]);
    let family = match DOUBLE.iter().find(|name| near.starts_with(*name)) {
        Some(_) => 2,
        None => usize::from(near.chars().next().is_some_and(|first| FAMILIES.contains(first))),
    };
    if family == 0 {
        return None;
    }
    let size = |count: usize| near.chars().take(count).map(char::len_utf8).sum::<usize>();
    (family + 1..=family + 2).rev().find_map(|count| {
        let rest = near.get(size(count)..).filter(|_| near.chars().count() >= count)?;
        let given = near
            .chars()
            .skip(family)
            .take(count - family)
            .all(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter) && !SMALL.contains(letter));
        let ends = rest.chars().next().is_none_or(|next| !('\u{4e00}'..='\u{9fff}').contains(&next))
            || BEHIND.iter().any(|word| rest.starts_with(word));
        (given && ends).then(|| (start, start + size(count)))
    })
}
