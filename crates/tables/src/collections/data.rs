//! Looking at a collection: its versions, its rows, its frame for user code.

use super::retention::offered;
use super::{CollectionError, Collections};
use crate::file::FileFormat;
use crate::ingest::{NewVersion, Preview};
use crate::log::VersionInfo;
use crate::query::{Answer, Ask, Diff, Export, Frame, QueryLoad, Selection};
use crate::tables::Snapshot;
use access::Located;
use domain::action::{Action, ExportData, Project, QueryData, WriteCollection};
use domain::entity::Collection;
use domain::query::Query;

fn person<A: Action>(collection: &Located<Collection, A>) -> String {
    let account = collection.permit().actor().account();
    account.unwrap_or("nobody").to_owned()
}

impl Collections {
    /// What questions have cost since the start.
    #[must_use]
    pub fn load(&self) -> QueryLoad {
        self.tables.load()
    }

    /// What the latest version holds; `None` before the first upload.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn latest<A: Action<On = Project>>(
        &self,
        collection: &Located<Collection, A>,
    ) -> Result<Option<Snapshot>, CollectionError> {
        Ok(self.tables.latest(&self.place(collection)?).await?)
    }

    /// What a version holds, the latest when none is named.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn snapshot(
        &self,
        collection: &Located<Collection, QueryData>,
        version: Option<u64>,
    ) -> Result<Option<Snapshot>, CollectionError> {
        offered(collection, version)?;
        Ok(self
            .tables
            .snapshot(&self.place(collection)?, version)
            .await?)
    }

    /// All versions, newest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn versions(
        &self,
        collection: &Located<Collection, QueryData>,
    ) -> Result<Vec<VersionInfo>, CollectionError> {
        Ok(self.tables.versions(&self.place(collection)?).await?)
    }

    /// What differs between two versions; with a key, which rows too.
    ///
    /// # Errors
    /// When there is no such version, the key is none, or too many rows differ.
    pub async fn diff(
        &self,
        collection: &Located<Collection, QueryData>,
        versions: (u64, u64),
        key: Option<&str>,
    ) -> Result<Diff, CollectionError> {
        offered(collection, Some(versions.0))?;
        offered(collection, Some(versions.1))?;
        let place = self.place(collection)?;
        let who = person(collection);
        let ask = Ask {
            fairness: &who,
            wall_ms_max: self.tables.inner.limits.query_wall_ms_max,
        };
        Ok(self.tables.diff(&place, versions, key, ask).await?)
    }

    /// Asks a question of a version, the latest when none is named. Dropping the future ends the work.
    ///
    /// # Errors
    /// When the question cannot be asked of this table, or takes too long.
    pub async fn query(
        &self,
        collection: &Located<Collection, QueryData>,
        version: Option<u64>,
        query: &Query,
    ) -> Result<Answer, CollectionError> {
        offered(collection, version)?;
        let place = self.place(collection)?;
        let who = person(collection);
        let ask = Ask {
            fairness: &who,
            wall_ms_max: self.tables.inner.limits.query_wall_ms_max,
        };
        Ok(self.tables.query(&place, version, query, ask).await?)
    }

    /// Rows for user code, in the order of upload.
    ///
    /// # Errors
    /// When a filter cannot be asked, or the rows are more than `bytes_max`.
    pub async fn frame(
        &self,
        collection: &Located<Collection, QueryData>,
        selection: Selection,
        bytes_max: u64,
    ) -> Result<Frame, CollectionError> {
        offered(collection, selection.version)?;
        let place = self.place(collection)?;
        let who = person(collection);
        let ask = Ask {
            fairness: &who,
            wall_ms_max: self.tables.inner.limits.query_wall_ms_max,
        };
        Ok(self.tables.frame(&place, selection, bytes_max, ask).await?)
    }

    /// Rows as a file, in the order of upload, made while it is read. Dropping it ends the work.
    ///
    /// # Errors
    /// When a filter cannot be asked, or nothing was uploaded.
    pub async fn export(
        &self,
        collection: &Located<Collection, ExportData>,
        selection: Selection,
        format: FileFormat,
    ) -> Result<Export, CollectionError> {
        offered(collection, selection.version)?;
        let place = self.place(collection)?;
        let who = person(collection);
        Ok(self.tables.export(&place, selection, format, &who).await?)
    }

    /// What an upload would become. Nothing is written.
    ///
    /// # Errors
    /// When a file is bad.
    pub async fn inspect(
        &self,
        _collection: &Located<Collection, WriteCollection>,
        new: NewVersion,
    ) -> Result<Preview, CollectionError> {
        Ok(self.tables.inspect(new).await?)
    }

    /// The rows that an upload set aside, as a report in CSV; `None` when it set none aside.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn set_aside(
        &self,
        collection: &Located<Collection, ExportData>,
        version: u64,
    ) -> Result<Option<String>, CollectionError> {
        offered(collection, Some(version))?;
        let place = self.place(collection)?;
        Ok(self.tables.set_aside(&place, version).await?)
    }
}
