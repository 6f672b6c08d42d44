//! The first look at an answer: a small table that stays in a core's innermost cache, over what passes by.

use super::key::{BLOCK, CanaryKey};
use super::marks::{MASKS, Marks};

/// Bytes of a table, 16 KiB: a third or half of a core's first cache.
const TABLE: usize = 1 << 14;

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

/// A table of sketches.
trait Table {
    /// 1 if it has a sketch.
    fn holds(&self, sketch: u32) -> u32;
}

/// A byte for each sketch's first 14 bits: two thirds of the work, where there are few.
struct Bytes(Box<[u8; TABLE]>);

impl Table for Bytes {
    #[inline]
    fn holds(&self, sketch: u32) -> u32 {
        u32::from(self.0[(sketch >> 3) as usize % TABLE])
    }
}

/// A bit for each sketch.
struct Bits(Box<[u32; TABLE / 4]>);

impl Table for Bits {
    #[inline]
    fn holds(&self, sketch: u32) -> u32 {
        self.0[(sketch >> 5) as usize % (TABLE / 4)] >> (sketch & 31) & 1
    }
}

enum Tables {
    Bytes(Bytes),
    Bits(Bits),
}

/// Sketches of all planted values, at every place at which a step may meet them.
pub(super) struct Sketches {
    table: Tables,
    mask: u64,
}

impl Sketches {
    /// The table with the least work for an ordinary page. There is none if some spelling has no sketches, or if it is less
    /// work to look at every block at once.
    pub fn new<'a>(key: &CanaryKey, marks: impl Iterator<Item = &'a Marks> + Clone, step: usize) -> Option<Self> {
        if marks.clone().any(|marks| marks.sketches[0].is_empty()) {
            return None;
        }
        let mut best = None;
        // In hundredths of nanoseconds, as measured: a look at a block, at a byte or a bit, and what follows one that passes.
        let (block, byte, bit, passed) = (115, 33, 50, 450);
        let mut least = block * PAGE.len();
        for (which, mask) in MASKS.into_iter().enumerate() {
            let (mut bytes, mut bits) = (vec![0; TABLE], vec![0; TABLE / 4]);
            for sketch in marks.clone().flat_map(|marks| marks.sketches[which].iter().take(step)) {
                bytes[(sketch >> 3) as usize % TABLE] = 1;
                bits[(sketch >> 5) as usize % (TABLE / 4)] |= 1 << (sketch & 31);
            }
            let bytes = bytes.into_boxed_slice().try_into().map(|table| Tables::Bytes(Bytes(table)));
            let bits = bits.into_boxed_slice().try_into().map(|table| Tables::Bits(Bits(table)));
            for (each, table) in [(byte, bytes.ok()), (bit, bits.ok())] {
                let Some(table) = table else { continue };
                let sketches = Self { table, mask };
                let pass = PAGE.windows(BLOCK).filter(|text| sketches.may(key, text, 0)).count();
                let work = each * PAGE.len() + passed * pass;
                if work < least {
                    (least, best) = (work, Some(sketches));
                }
            }
        }
        best
    }

    /// Whether what is at a place may begin as something that was planted; at a text's end that is not known.
    pub fn may(&self, key: &CanaryKey, text: &[u8], at: usize) -> bool {
        let sketch = key.sketch(block_at(text, at), self.mask);
        let holds = match &self.table {
            Tables::Bytes(table) => table.holds(sketch),
            Tables::Bits(table) => table.holds(sketch),
        };
        holds != 0 || at + BLOCK > text.len()
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
        match &self.table {
            Tables::Bytes(table) => self.scan_with::<STEP>(table, key, text, likely, found),
            Tables::Bits(table) => self.scan_with::<STEP>(table, key, text, likely, found),
        }
    }

    #[inline]
    fn scan_with<const STEP: usize>(
        &self,
        table: &impl Table,
        key: &CanaryKey,
        text: &[u8],
        likely: impl Fn(usize) -> bool,
        found: &mut dyn FnMut(usize),
    ) -> usize {
        const { assert!(GROUP <= 32) }
        let holds = |group, place| table.holds(key.sketch(block_at(group, place), self.mask));
        let mut groups = text.windows((GROUP - 1) * STEP + BLOCK).step_by(GROUP * STEP);
        let mut notes = [(0, 0_u32); NOTES + 1];
        let mut at = 0;
        loop {
            let (begin, mut noted) = (at, 0);
            for group in groups.by_ref().take(NOTES) {
                let bits = (0..GROUP).fold(0, |bits, place| bits + bits + holds(group, place * STEP));
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
