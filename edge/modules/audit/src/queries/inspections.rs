//! Requests to read other people's content as lists, and who has looked at one's own.

use crate::Audit;
use crate::error::AuditError;
use crate::policy::{may_ask, may_consent};
use edge_kernel::SignedIn;
use edge_kernel::http::{Problem, ViewQuery, answer_view};
use edge_kernel::views::{Page, Query};
use events::audit::view::{InspectionRow, Inspections, LookRow, Looks};
use events::{Scope, View};

impl Audit {
    /// One's own requests, and everybody's for those who may agree.
    pub(crate) async fn inspections(
        &self,
        asker: SignedIn,
        query: ViewQuery,
    ) -> Result<Page<InspectionRow>, Problem> {
        self.admit_by(asker, may_ask)?;
        let mut usual = vec![Scope::Person(asker.person)];
        if self.holds(asker, may_consent) {
            usual.push(Scope::Oversight);
        }
        answer_view::<Inspections>(&self.kernel, asker, query, usual).await
    }

    /// Who has looked at a person's data by a special right. A look at what several share concerns everybody who belonged to them
    /// up to its position, also those who had left: what they wrote was among it. A page may be shorter than its limit.
    pub(crate) async fn looks(
        &self,
        asker: SignedIn,
        asked: ViewQuery,
    ) -> Result<Page<LookRow>, AuditError> {
        self.kernel.views.wait(asked.at_least).await?;
        let mut page = match &asked.keys {
            Some(keys) => {
                let keys: Vec<String> = keys.split(',').map(str::to_owned).collect();
                self.kernel.views.rows::<Looks>(&keys).await?
            }
            None => {
                let mut scopes = self.kernel.ledger.access().ever_in(asker.person);
                scopes.push(Scope::School);
                let query = Query {
                    scopes,
                    after: asked.after,
                    limit: asked.limit,
                    ..Query::default()
                };
                self.kernel.views.page::<Looks>(&query).await?
            }
        };
        let access = self.kernel.ledger.access();
        page.rows.retain(|found| {
            let scope = Looks::place(&found.row).scope;
            access.could_see_by(asker.person, scope, found.row.position)
        });
        Ok(page)
    }
}
