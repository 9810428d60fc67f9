//! How the entry has the calls that are made most answered in one crossing, without a promise.
//!
//! What needs waiting, or is refused, is not answered here: then the entry asks as for any other call, and hears the
//! same as it would have here.

use core::num::NonZeroUsize;
use std::cell::RefCell;

use lru::LruCache;
use vexil_ofrep::{Body, Response as Answer};
use worker::wasm_bindgen::{self, JsValue, prelude::wasm_bindgen};
use worker::web_sys::{Headers, Request, ResponseInit};
use worker::{Context, Env, Result, worker_sys};

use crate::deployment::Deployment;
use crate::reply::{self, Origin};
use crate::{cors, delivery};

/// A request as the entry hands it over.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    /// A line for each: its name, a colon, its value.
    headers: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) request: &'a Request,
}

impl<'a> Asked<'a> {
    /// `head` has the method, the URL, and a header in each line, of those that [`delivery::at_once`] looks at.
    fn read(head: &'a str, body: &'a [u8], request: &'a Request) -> Option<Asked<'a>> {
        let (method, rest) = head.split_once('\n')?;
        let (url, headers) = rest.split_once('\n').unwrap_or((rest, ""));
        Some(Asked {
            method,
            url,
            headers,
            body,
            request,
        })
    }

    /// The header of that name, written in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        let mut lines = self.headers.split('\n');
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
    }
}

/// Answers, if that can be done at once. `began` is when the request came, in ms since 1970.
#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_name = answerAtOnce)]
#[expect(unreachable_pub, reason = "the entry calls it")]
pub fn answer_at_once(
    request: &Request,
    env: &Env,
    context: worker_sys::Context,
    head: &str,
    body: &[u8],
    began: f64,
) -> Option<Given> {
    let asked = Asked::read(head, body, request)?;
    let deployment = Deployment::of(env);
    let context = Context::new(context);
    // Whatever fails fails again, where it is logged.
    let answered = delivery::at_once(&asked, env, &context, &deployment, began as i64).ok()??;
    let (answer, origin) = answered;
    given(
        &answer,
        &origin,
        asked.header("origin"),
        &deployment.origins,
    )
    .ok()
}

/// `answer` as the runtime takes it, for a page of the origin `page` where there is one.
fn given(answer: &Answer, origin: &Origin, page: Option<&str>, list: &str) -> Result<Given> {
    let mut head = answer.status.to_string();
    let mut say = |name: &str, value: &str| {
        head.extend(["\n", name, "\n", value]);
        Ok(())
    };
    reply::describe(answer, Some(origin), &mut say)?;
    say(cors::VARY.0, cors::VARY.1)?;
    for (name, value) in cors::headers(list, page) {
        say(name, value)?;
    }
    let body = match &answer.body {
        Body::Empty => None,
        Body::Json(text) => Some(text.as_bytes()),
        Body::Bytes(bytes) => Some(bytes.as_slice()),
    };
    let known = HEADS.with_borrow_mut(|heads| heads.get(&head).cloned());
    let init = if let Some(init) = known {
        init
    } else {
        let init = init(&head, answer.status)?;
        HEADS.with_borrow_mut(|heads| heads.put(head, init.clone()));
        init
    };
    Ok(Given::new(body, &init)?)
}

/// `head` as the runtime takes it: the status, and then the name and the value of each header, a line for each of them.
fn init(head: &str, status: u16) -> Result<ResponseInit> {
    let headers = Headers::new()?;
    let mut lines = head.split('\n').skip(1);
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        headers.append(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    Ok(init)
}

/// How many heads are kept. Equal answers have equal ones.
const MOST_HEADS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

thread_local! {
    /// Heads of answers, ready for the runtime, by what they say.
    static HEADS: RefCell<LruCache<String, ResponseInit>> = RefCell::new(LruCache::new(MOST_HEADS));
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
extern "C" {
    /// A `Response`. Its body is copied while it is made.
    #[wasm_bindgen(js_name = Response)]
    pub type Given;

    #[wasm_bindgen(constructor, catch, js_class = "Response")]
    fn new(body: Option<&[u8]>, init: &ResponseInit) -> core::result::Result<Given, JsValue>;
}
