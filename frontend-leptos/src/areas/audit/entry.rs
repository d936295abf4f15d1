//! One entry: its envelope, and the proof that it belongs to the signed log, checked here.

use super::envelope::Envelope;
use super::proof::{Proof, Verdict};
use crate::ask::{Ask, Trouble};
use crate::erased;
use crate::parts::{Icon, Page, Shape, Skeleton, Sorry, folded, link};
use crate::when;
use crate::words::{Words, fill, words};
use events::Position;
use events::ids::Pseudonym;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;

/// An entry's page; the position is in the address.
#[component]
pub(crate) fn EntryPage() -> impl IntoView {
    let params = use_params_map();
    let position = erased::memo(move || {
        let asked = params.with(|params| params.get("position"));
        asked.and_then(|asked| asked.parse::<Position>().ok())
    });
    // What is no number is none that the log has, and the machine says which it has.
    move || {
        let position = position.get().unwrap_or_default();
        view! { <Entry position /> }
    }
}

#[component]
fn Entry(position: Position) -> impl IntoView {
    let words = words();
    let ask = expect_context::<Ask>();
    let looked = RwSignal::new(None::<Result<Proof, Trouble>>);
    let load = move || {
        looked.set(None);
        spawn_local(async move {
            let proof = ask.get(&format!("/api/audit/proof/{position}")).await;
            looked.try_set(Some(proof));
        });
    };
    load();
    let retry = Callback::new(move |()| load());
    let title = fill(words.audit.entry, &[("n", &position.to_string())]);
    view! {
        <p class="page-back">
            <a class="quiet-link" href="/app/audit">
                <Icon shape=Shape::Back />
                {words.audit.back}
            </a>
        </p>
        <Page title=title>
            {move || match looked.get() {
                None => {
                    view! {
                        <p class="only-read" role="status">
                            {words.audit.checking}
                        </p>
                        <Skeleton lines=4 />
                    }
                        .into_any()
                }
                Some(Err(trouble)) => view! { <Sorry trouble on_retry=retry /> }.into_any(),
                Some(Ok(proof)) => view! { <Checked proof position /> }.into_any(),
            }}
        </Page>
    }
}

#[component]
fn Fact(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(optional)] mono: bool,
) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd class:mono=mono>{value}</dd>
        </div>
    }
}

#[component]
fn Facts(envelope: Envelope) -> impl IntoView {
    let words = words();
    let (at, position) = (envelope.at, envelope.position);
    let href = format!("/app/audit/replay?until={position}&at={at}");
    let actor = if envelope.actor == Pseudonym::MACHINE {
        words.audit.machine.to_owned()
    } else {
        envelope.actor.to_string()
    };
    view! {
        <dl class="facts">
            <Fact label=words.audit.kind value=words.kinds.numbered(envelope.kind) />
            <Fact label=words.audit.time value=when::logged(envelope.at, envelope.coarse, words) />
            <Fact label=words.audit.actor value=actor mono=true />
            <Fact label=words.audit.stream value=envelope.stream.to_string() mono=true />
            <Fact label=words.audit.version value=envelope.version.to_string() />
        </dl>
        <p class="section">{link("button", href, words.audit.state_then)}</p>
    }
}

fn reason(verdict: &Verdict, words: &Words) -> &'static str {
    match verdict {
        Verdict::Holds { .. } => words.audit.holds,
        Verdict::Unreadable => words.audit.fails_reading,
        Verdict::OtherEntry => words.audit.fails_other,
        Verdict::NotInTree => words.audit.fails_entry,
        Verdict::NotSigned => words.audit.fails_signature,
        Verdict::OtherCheckpoint => words.audit.fails_checkpoint,
    }
}

#[component]
fn Checked(proof: Proof, position: Position) -> impl IntoView {
    let words = words();
    let verdict = proof.check(position);
    let number = position.to_string();
    let size = proof.size.to_string();
    let (tone, shape, title, text) = match &verdict {
        Verdict::Holds { .. } => (
            "banner ok",
            Shape::Shield,
            words.audit.holds,
            fill(words.audit.holds_text, &[("n", &number), ("size", &size)]),
        ),
        failed => (
            "banner bad",
            Shape::Alert,
            words.audit.fails,
            reason(failed, words).to_owned(),
        ),
    };
    let (leaf, facts) = match verdict {
        Verdict::Holds { leaf, envelope } => (
            Some(view! { <Fact label=words.audit.leaf value=leaf mono=true /> }),
            Some(view! { <Facts envelope /> }),
        ),
        _ => (None, None),
    };
    let checkpoint = view! { <pre class="mono">{proof.checkpoint}</pre> };
    view! {
        {facts}
        <section class="section" aria-labelledby="proof-title">
            <h2 id="proof-title">{words.audit.proof}</h2>
            <p class="quiet">{words.audit.proof_text}</p>
            <div class=tone role="status" data-verdict=if shape == Shape::Shield { "holds" } else { "fails" }>
                <Icon shape />
                <span>
                    <strong>{title}</strong>
                    <br />
                    {text}
                </span>
            </div>
            <dl class="facts">
                {leaf}
                <Fact label=words.audit.root value=proof.root mono=true />
                <Fact label=words.audit.size value=size />
                <Fact label=words.audit.steps value=proof.path.len().to_string() />
                <Fact label=words.audit.key value=proof.key mono=true />
            </dl>
            {folded("change", false, words.audit.checkpoint.into_any(), checkpoint.into_any())}
        </section>
    }
}
