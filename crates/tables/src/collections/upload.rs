//! New versions: by upload, and by restoring an old one.

use super::retention::offered;
use super::update::change;
use super::{CollectionError, Collections};
use crate::ingest::{Ingested, Mode, NewVersion};
use access::{Act, Detail, Located, Target, TargetKind};
use domain::action::WriteCollection;
use domain::entity::Collection;

fn by(act: &Act<WriteCollection>) -> String {
    let account = act.permit().actor().account();
    account.unwrap_or("depictio").to_owned()
}

impl Collections {
    /// Makes the files of an upload one new version, or changes nothing.
    ///
    /// # Errors
    /// When a file is bad or does not fit.
    pub async fn upload(
        &self,
        act: &Act<WriteCollection>,
        collection: &Located<Collection, WriteCollection>,
        mut new: NewVersion,
    ) -> Result<Ingested, CollectionError> {
        let place = self.place(collection)?;
        new.room = Some(self.room(act.permit(), &collection.id).await?);
        let mode = match &new.mode {
            Mode::Append => "append",
            Mode::Overwrite => "overwrite",
            Mode::Upsert { .. } => "upsert",
        };
        // The event's id goes into the version, so that after a crash an open intent is settled by it.
        let note = Some(act.event().to_string());
        let made = self.tables.ingest(&place, new, &by(act), note).await?;
        let detail = Detail::Upload {
            version: made.version,
            rows: made.rows,
            bytes: made.bytes,
            mode: mode.to_owned(),
            set_aside: (made.set_aside > 0).then_some(made.set_aside),
        };
        act.describe(
            Some(Target::new(TargetKind::Collection, &collection.id)),
            detail,
        );
        self.hint(act, collection, &made).await;
        Ok(made)
    }

    /// Makes an old version the latest again, as a new version.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn restore(
        &self,
        act: &Act<WriteCollection>,
        collection: &Located<Collection, WriteCollection>,
        version: u64,
    ) -> Result<Ingested, CollectionError> {
        offered(collection, Some(version))?;
        let place = self.place(collection)?;
        self.tables.snapshot(&place, Some(version)).await?;
        let made = self.tables.restore(&place, version, &by(act)).await?;
        let detail = Detail::Restore {
            from: version,
            version: made.version,
        };
        act.describe(
            Some(Target::new(TargetKind::Collection, &collection.id)),
            detail,
        );
        self.hint(act, collection, &made).await;
        Ok(made)
    }

    /// Notes in the document what the latest version holds. The table's log is the truth, and the version is made: a
    /// hint that cannot be noted is no failure of it. A newer hint is never replaced by an older one.
    async fn hint(
        &self,
        act: &Act<WriteCollection>,
        collection: &Located<Collection, WriteCollection>,
        made: &Ingested,
    ) {
        let noted = change(act, &collection.id, |document| {
            if document
                .version
                .is_none_or(|version| version < made.version)
            {
                document.version = Some(made.version);
                document.rows = made.total_rows;
                document.columns.clone_from(&made.columns);
                document.bytes = made.bytes;
            }
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "a collection's document does not tell of its latest version");
        }
    }
}
