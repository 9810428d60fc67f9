//! Parts of long lists, one at a time.

use crate::router;

/// How many items a page has unless the request says.
const LIMIT: u64 = 100;
/// How many it has at most.
const MOST: u64 = 1_000;

/// Which part of a list a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The number beside which it begins.
    pub(super) from: Option<u64>,
    /// How many items it has at most; at least one.
    pub(super) limit: u64,
}

impl Page {
    /// Of a query with `limit`, and the number of the last item that the client has as `from`; or what is wrong with it.
    pub(super) fn read(query: &str, from: &str) -> Result<Page, String> {
        let limit = number(query, "limit")?.unwrap_or(LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(format!("`limit` is {limit}, expected 1 to {MOST}"));
        }
        let from = number(query, from)?;
        Ok(Page { from, limit })
    }

    /// Where the next page begins, after `found` items of which the last has the number `last`: none after the last.
    pub(super) fn next(self, found: usize, last: Option<u64>) -> Option<u64> {
        last.filter(|_| u64::try_from(found).is_ok_and(|found| found >= self.limit))
    }
}

/// The whole number in a query, where it is given.
pub(super) fn number(query: &str, name: &str) -> Result<Option<u64>, String> {
    let Some(text) = router::query(query, name) else {
        return Ok(None);
    };
    let number = text.parse::<u64>().ok().filter(|number| *number < 1 << 53);
    number.map_or_else(
        || Err(format!("`{name}` is `{text}`, expected a number")),
        |number| Ok(Some(number)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_of_a_query() {
        let page = |from, limit| Ok(Page { from, limit });
        for (query, want) in [
            ("", page(None, 100)),
            ("limit=1", page(None, 1)),
            ("after=7&limit=1000", page(Some(7), 1_000)),
            ("limit=0", Err("`limit` is 0, expected 1 to 1000")),
            ("limit=1001", Err("`limit` is 1001, expected 1 to 1000")),
            ("after=-1", Err("`after` is `-1`, expected a number")),
            ("after=", Err("`after` is ``, expected a number")),
            (
                "after=9007199254740992",
                Err("`after` is `9007199254740992`, expected a number"),
            ),
        ] {
            let want = want.map_err(str::to_owned);
            assert_eq!(Page::read(query, "after"), want, "{query}");
        }
    }

    #[test]
    fn a_full_page_has_a_next_one() {
        let page = Page {
            from: None,
            limit: 2,
        };
        assert_eq!(page.next(2, Some(7)), Some(7));
        assert_eq!(page.next(1, Some(7)), None);
        assert_eq!(page.next(0, None), None);
    }
}
