//! The first look at an answer: a small table that stays in a core's innermost cache, over what passes by.

use super::key::{BLOCK, CanaryKey};
use super::marks::{MASKS, Marks, SKETCH};

/// Words of the table: 16 KiB, a third or half of a core's first cache.
const WORDS: usize = 1 << 12;

/// Places that are looked at before the next branch, one bit of a word each.
const GROUP: usize = 16;

/// Groups of which it is noted that there is something, before it is looked what: a branch for each would mostly be
/// foreseen wrongly. 63 groups are 4 to 16 KiB of text.
const NOTES: usize = 63;

/// A page that sellers' apps read all day. Which mask suits what was planted is tried on it; what is found does not hang
/// on it.
const PAGE: &[u8] = br#"{"payload":{"Orders":[{"AmazonOrderId":"304-5519027-8830146","PurchaseDate":"2026-11-03T17:42:09Z",
"LastUpdateDate":"2026-11-04T06:15:51Z","OrderStatus":"Unshipped","FulfillmentChannel":"MFN","SalesChannel":"Shop.example",
"ShipServiceLevel":"Std DE Dom_1","OrderTotal":{"CurrencyCode":"EUR","Amount":"84.95"},"NumberOfItemsShipped":2,
"PaymentMethod":"Other","MarketplaceId":"A1PA6795UKMFR9","BuyerInfo":{"BuyerEmail":"qxkw7tz0p@marketplace.example",
"BuyerName":"Maria Sample"},"ShippingAddress":{"Name":"Maria Sample","AddressLine1":"17 Example Street","City":"Sampleton",
"StateOrRegion":"","PostalCode":"20095","CountryCode":"DE","Phone":"+1 555 0100234"},"OrderItems":[{"ASIN":"B012345678",
"SellerSKU":"BOTTLE-750-BLUE","Title":"Steel Water Bottle, 750 ml, with a Lid of Wood","QuantityOrdered":1,"ItemPrice":
{"CurrencyCode":"EUR","Amount":"42.47"}}],"IsPrime":false,"IsBusinessOrder":false}],"NextToken":"2YgYW55IGNhcm5hbCBwbGVhc3VyZS4"}}"#;

/// Sketches of all planted values, at every place at which a step may meet them.
pub(super) struct Sketches {
    table: Box<[u32; WORDS]>,
    mask: u64,
}

impl Sketches {
    /// The table that lets the least of an ordinary page pass. There is none if some spelling has no sketches, or if even
    /// the best keeps too little back.
    pub fn new<'a>(key: &CanaryKey, marks: impl Iterator<Item = &'a Marks> + Clone, step: usize) -> Option<Self> {
        if marks.clone().any(|marks| marks.sketches[0].is_empty()) {
            return None;
        }
        let mut best = None;
        // What passes costs five times as much as what does not: beyond a fourth the second look alone is cheaper.
        let mut least = PAGE.len() / 4;
        for (which, mask) in MASKS.into_iter().enumerate() {
            let mut words = vec![0; WORDS];
            for sketch in marks.clone().flat_map(|marks| marks.sketches[which].iter().take(step)) {
                words[(sketch >> 5) as usize % WORDS] |= 1 << (sketch & 31);
            }
            let table = words.into_boxed_slice().try_into().expect("as many words as the table has");
            let sketches = Self { table, mask };
            let pass = PAGE.windows(BLOCK).filter(|text| sketches.holds(key, block_at(text, 0)) != 0).count();
            if pass < least {
                (least, best) = (pass, Some(sketches));
            }
        }
        best
    }

    /// 1 if a block begins as something that was planted.
    #[inline]
    fn holds(&self, key: &CanaryKey, block: [u8; BLOCK]) -> u32 {
        let sketch = key.sketch(block, self.mask);
        self.table[(sketch >> 5) as usize % WORDS] >> (sketch & 31) & 1
    }

    /// Looks at every so many bytes of a text: `found` gets the places of which `likely` holds too. The rest, from the
    /// place that is given back, is shorter than a group and not looked at.
    #[inline]
    pub fn scan<const STEP: usize>(
        &self,
        key: &CanaryKey,
        text: &[u8],
        likely: impl Fn(usize) -> bool,
        found: &mut dyn FnMut(usize),
    ) -> usize {
        const { assert!(SKETCH <= BLOCK && GROUP <= 32) }
        let mut groups = text.windows((GROUP - 1) * STEP + BLOCK).step_by(GROUP * STEP);
        let mut notes = [(0, 0_u32); NOTES + 1];
        let mut at = 0;
        loop {
            let (begin, mut noted) = (at, 0);
            for group in groups.by_ref().take(NOTES) {
                let bits =
                    (0..GROUP).fold(0, |bits, place| bits + bits + self.holds(key, block_at(group, place * STEP)));
                notes[noted % (NOTES + 1)] = (at, bits);
                noted += usize::from(bits != 0);
                at += GROUP * STEP;
            }
            look_at(&notes, noted, STEP, &likely, found);
            if at - begin < NOTES * GROUP * STEP {
                return at;
            }
        }
    }
}

/// Goes through all bits of all notes in one loop, whose branches are foreseen.
#[inline]
fn look_at(
    notes: &[(usize, u32); NOTES + 1],
    noted: usize,
    step: usize,
    likely: &impl Fn(usize) -> bool,
    found: &mut dyn FnMut(usize),
) {
    let mut next = 0;
    let (mut group, mut bits) = notes[0];
    while next < noted {
        // The first place is the highest bit.
        let place = GROUP - 1 - bits.trailing_zeros() as usize % GROUP;
        let at = group + place * step;
        if likely(at) {
            found(at);
        }
        bits &= bits - 1;
        let (of_next, bits_of_next) = notes[(next + 1) % (NOTES + 1)];
        let done = bits == 0;
        next += usize::from(done);
        (group, bits) = if done { (of_next, bits_of_next) } else { (group, bits) };
    }
}

/// The block that begins at `at`; one that reaches beyond the end is nothing's.
#[inline]
pub(super) fn block_at(text: &[u8], at: usize) -> [u8; BLOCK] {
    text.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}
