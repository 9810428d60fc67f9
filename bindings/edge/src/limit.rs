//! How much one caller may ask: token buckets, by key and by client address.
//!
//! They are this isolate's own. On a single server that is the whole worker; on Cloudflare there are many isolates in
//! each data centre, so a caller spread over them gets as much from each: the buckets keep one caller from taking an
//! isolate for itself, and are no quota. `wrangler.toml` says how to add one.
//!
//! The client's address is what `CF-Connecting-IP` says. Cloudflare sets it whatever a client sent; before a single
//! server a proxy has to. `X-Forwarded-For`, which anybody can write, is never read, and without an address only keys
//! are counted. That of the machine itself is none: where the proxy says nothing the runtime names the proxy, and whoever
//! guesses keys would have them refused to everybody.

mod bucket;

use std::cell::RefCell;
use std::net::IpAddr;

use vexil_audit::Hash;
use worker::Result;

use crate::auth::{Refusal, Shown};
use crate::deployment::{Deployment, Setting};
use bucket::{Buckets, Rate};

/// What one address may ask: an office of ten thousand may begin at once.
const ADDRESS: Limit = Limit {
    binding: "VEXIL_ADDRESS_LIMIT",
    rate: Rate {
        per_s: 200.0,
        at_once: 20_000.0,
    },
};
/// What may be asked with one key; a browser's is that of a whole site.
const KEY: Limit = Limit {
    binding: "VEXIL_KEY_LIMIT",
    rate: Rate {
        per_s: 5_000.0,
        at_once: 50_000.0,
    },
};
/// As [`ADDRESS`] and [`KEY`], of batches of events: who reports much may evaluate no less for it.
const EVENTS_ADDRESS: Limit = Limit {
    binding: "VEXIL_EVENTS_ADDRESS_LIMIT",
    rate: Rate {
        per_s: 100.0,
        at_once: 10_000.0,
    },
};
const EVENTS_KEY: Limit = Limit {
    binding: "VEXIL_EVENTS_KEY_LIMIT",
    rate: Rate {
        per_s: 2_500.0,
        at_once: 25_000.0,
    },
};
/// What may be refused to one address for its key or its signed context.
const REFUSED: Limit = Limit {
    binding: "VEXIL_REFUSED_LIMIT",
    rate: Rate {
        per_s: 1.0,
        at_once: 200.0,
    },
};

/// The rates of a deployment; none where it limits nothing.
pub(crate) struct Limits {
    address: Setting<Option<Rate>>,
    key: Setting<Option<Rate>>,
    events_address: Setting<Option<Rate>>,
    events_key: Setting<Option<Rate>>,
    refused: Setting<Option<Rate>>,
}

/// A rate, unless the deployment has another.
struct Limit {
    binding: &'static str,
    rate: Rate,
}

/// Whoever sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// Where it comes from: a network as small as one customer has. `None` where nobody said it: then only keys are
    /// counted.
    network: Option<Vec<u8>>,
    purpose: Purpose,
}

/// What a request is counted among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Report,
    Other,
}

/// What callers have been asking.
#[derive(Default)]
struct Asked {
    reports: Callers,
    others: Callers,
    refused: Buckets,
}

#[derive(Default)]
struct Callers {
    addresses: Buckets,
    keys: Buckets,
}

thread_local! {
    static ASKED: RefCell<Asked> = RefCell::default();
}

type Admission = core::result::Result<(), Refusal>;

impl Client {
    /// `address` is the header `CF-Connecting-IP`.
    pub(crate) fn of(address: Option<&str>, purpose: Purpose) -> Client {
        let network = address.and_then(network);
        Client { network, purpose }
    }

    /// A name of the network, the same for all that come from it, which does not tell its address.
    pub(crate) fn network(&self) -> Option<String> {
        let network = self.network.as_ref()?;
        Some(Hash::of(network).to_string())
    }

    /// Counts a request at `now`, in ms since 1970.
    pub(crate) fn ask(&self, limits: &Limits, now: i64) -> Result<Admission> {
        let (Some(address), Some(rate)) = (&self.network, rate(limits.address(self.purpose))?)
        else {
            return Ok(Ok(()));
        };
        Ok(ASKED
            .with_borrow_mut(|asked| asked.of(self.purpose).addresses.take(address, rate, now))
            .map_err(too_many))
    }

    /// Counts a request that shows `key`.
    ///
    /// Where too much was refused, nothing more is told of any key that is a secret, be it right or wrong. A page, whose
    /// key is public, goes on.
    pub(crate) fn show(
        &self,
        deployment: &Deployment,
        key: &Shown<'_>,
        now: i64,
    ) -> Result<Admission> {
        let limits = &deployment.limits;
        if let (Some(address), Some(rate)) = (&self.network, rate(&limits.refused)?)
            && !key.is_public(deployment)
        {
            let left = ASKED.with_borrow_mut(|asked| asked.refused.look(address, rate, now));
            if let Err(after_s) = left {
                return Ok(Err(too_many(after_s)));
            }
        }
        let Some(rate) = rate(limits.key(self.purpose))? else {
            return Ok(Ok(()));
        };
        // Its hash: no key lies about in memory, and all are of one length.
        Ok(ASKED
            .with_borrow_mut(|asked| asked.of(self.purpose).keys.take(&key.hash.0, rate, now))
            .map_err(too_many))
    }

    /// Counts a request that shows `key`, as [`Client::ask`] and [`Client::show`] do, if neither refuses it: else nothing
    /// is counted.
    pub(crate) fn ask_and_show(
        &self,
        deployment: &Deployment,
        key: &Shown<'_>,
        now: i64,
    ) -> Result<bool> {
        let limits = &deployment.limits;
        if let (Some(address), Some(rate)) = (&self.network, rate(limits.address(self.purpose))?) {
            let left = ASKED
                .with_borrow_mut(|asked| asked.of(self.purpose).addresses.look(address, rate, now));
            if left.is_err() {
                return Ok(false);
            }
        }
        Ok(self.show(deployment, key, now)?.is_ok() && self.ask(limits, now)?.is_ok())
    }

    /// Counts what was refused.
    pub(crate) fn was_refused(&self, limits: &Limits, now: i64) -> Result<()> {
        if let (Some(address), Some(rate)) = (&self.network, rate(&limits.refused)?) {
            // Where nothing is left, nothing is counted.
            let _: core::result::Result<(), u32> =
                ASKED.with_borrow_mut(|asked| asked.refused.take(address, rate, now));
        }
        Ok(())
    }
}

impl Asked {
    fn of(&mut self, purpose: Purpose) -> &mut Callers {
        match purpose {
            Purpose::Report => &mut self.reports,
            Purpose::Other => &mut self.others,
        }
    }
}

impl Limits {
    /// Of a deployment with these bindings.
    pub(crate) fn read(binding: impl Fn(&str) -> Option<String>) -> Limits {
        let [address, key, events_address, events_key, refused] =
            [ADDRESS, KEY, EVENTS_ADDRESS, EVENTS_KEY, REFUSED]
                .map(|limit| limit.rate(binding(limit.binding)));
        Limits {
            address,
            key,
            events_address,
            events_key,
            refused,
        }
    }

    fn address(&self, purpose: Purpose) -> &Setting<Option<Rate>> {
        match purpose {
            Purpose::Report => &self.events_address,
            Purpose::Other => &self.address,
        }
    }

    fn key(&self, purpose: Purpose) -> &Setting<Option<Rate>> {
        match purpose {
            Purpose::Report => &self.events_key,
            Purpose::Other => &self.key,
        }
    }
}

impl Limit {
    /// `None` where the deployment has none; `set` is what it says itself.
    fn rate(&self, set: Option<String>) -> Setting<Option<Rate>> {
        let Some(text) = set else {
            return Ok(Some(self.rate));
        };
        match text.trim() {
            "off" => Ok(None),
            text => Rate::parse(text).map(Some).ok_or_else(|| {
                let name = self.binding;
                format!("{name} is `{text}`, expected requests a second and at once as in `200/20000`, or `off`")
            }),
        }
    }
}

fn rate(setting: &Setting<Option<Rate>>) -> Result<Option<Rate>> {
    let rate = setting.as_ref();
    rate.copied().map_err(|why| why.as_str().into())
}

fn too_many(after_s: u32) -> Refusal {
    Refusal::TooMany { after_s }
}

/// An address, or of IPv6 the first half, which is what one customer has at least; `None` for this machine.
fn network(address: &str) -> Option<Vec<u8>> {
    match address.trim().parse::<IpAddr>().map(|it| it.to_canonical()) {
        Ok(address) if address.is_loopback() => None,
        Ok(IpAddr::V4(address)) => Some(address.octets().to_vec()),
        Ok(IpAddr::V6(address)) => Some(address.octets().into_iter().take(8).collect()),
        // A proxy may say what it likes; so much of it is told apart.
        Err(_) => Some(address.bytes().take(64).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn those_of_one_network_are_one_client() {
        for (left, right, want) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("192.0.2.1", " 192.0.2.1 ", true),
            ("proxy", "proxy", true),
            ("proxy", "other", false),
        ] {
            assert_eq!(network(left) == network(right), want, "{left} {right}");
        }
        assert_eq!(network(&"x".repeat(10_000)).unwrap().len(), 64);
    }

    #[test]
    fn the_machine_itself_is_nobody() {
        for address in ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(network(address), None, "{address}");
        }
    }
}
