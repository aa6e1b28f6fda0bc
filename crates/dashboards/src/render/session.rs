//! What all components of one render share: who looks, under which filters, and as of when.

use super::Inner;
use super::line::{Failure, Versions};
use crate::filters::{Conditions, Scope, collections};
use access::{AccessError, Located, Permit};
use domain::CollectionId;
use domain::action::{Action, QueryData};
use domain::dashboard::{Content, RenderFilter, Tab};
use domain::entity::Collection;
use domain::limits::CodeLimits;
use futures::future::join_all;
use sandbox::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tables::{CollectionError, Snapshot};

/// Whose code this is, and so whether it may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// Saved with the dashboard by somebody who could.
    Stored,
    /// Brought by somebody who may write code.
    Written,
    /// Brought by somebody who may not.
    Forbidden,
}

/// In which of a person's lines code waits.
///
/// An editor does not stand behind the hundred figures of a page that the same person has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Figures of dashboards.
    Pages,
    /// Previews of editors.
    Editors,
}

/// One collection as of one version.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) collection: Located<Collection, QueryData>,
    /// None while the collection has no data.
    pub(super) snapshot: Option<Snapshot>,
}

/// One render.
pub(super) struct Session {
    pub(super) inner: Arc<Inner>,
    pub(super) permit: Permit<QueryData>,
    pub(super) code: Code,
    /// Whose turn a run of code counts against.
    pub(super) person: Person,
    /// What a run of code may use in this project.
    pub(super) code_limits: CodeLimits,
    filters: Vec<RenderFilter>,
    scope: Scope,
    sources: BTreeMap<(CollectionId, Option<u64>), Result<Source, Failure>>,
    /// The columns that colour figures, and the sources they are in.
    pub(super) colors: BTreeMap<String, Vec<Source>>,
}

impl Session {
    /// Finds every collection through the viewer's permit and fixes its version.
    pub(super) async fn open(
        inner: Arc<Inner>,
        permit: Permit<QueryData>,
        tabs: &[Tab],
        filters: Vec<RenderFilter>,
        code: Code,
        lane: Lane,
    ) -> Result<Self, AccessError> {
        let own = permit.project()?.value.code_limits;
        let code_limits = own.in_force(&inner.settings.code_limits);
        let person = match lane {
            Lane::Pages => Person::new(name(&permit)),
            Lane::Editors => Person::new(format!("{} editors", name(&permit))),
        };
        let mut asked: BTreeSet<(CollectionId, Option<u64>)> = contents(tabs)
            .filter_map(|content| content.source().map(|(id, at)| (id.clone(), at)))
            .collect();
        // Tables that only a filter names count as tables of the dashboard too.
        for id in collections(tabs) {
            if !asked.iter().any(|(other, _)| *other == id) {
                asked.insert((id, None));
            }
        }
        let mut sources = BTreeMap::new();
        let mut scope = Scope::default();
        let found = asked.into_iter().map(|key| async {
            let source = source(&inner, &permit, &key.0, key.1).await;
            (key, source)
        });
        for (key, source) in join_all(found).await {
            let source = source?;
            let columns = match &source {
                Ok(source) => source.columns(),
                Err(_) => &[],
            };
            scope.add(&key.0, columns);
            sources.insert(key, source);
        }
        let colors = colors(tabs, &sources);
        Ok(Self {
            inner,
            permit,
            code,
            person,
            code_limits,
            filters,
            scope,
            sources,
            colors,
        })
    }

    /// The source of a component.
    pub(super) fn source(
        &self,
        collection: &CollectionId,
        version: Option<u64>,
    ) -> Result<&Source, Failure> {
        match self.sources.get(&(collection.clone(), version)) {
            Some(Ok(source)) => Ok(source),
            Some(Err(failure)) => Err(failure.clone()),
            None => Err(Failure::NoCollection),
        }
    }

    /// The source of what a content shows.
    pub(super) fn content_source(&self, content: &Content) -> Result<&Source, Failure> {
        let (collection, version) = content.source().ok_or(Failure::NoCollection)?;
        self.source(collection, version)
    }

    /// The conditions on a source. None is left out silently.
    pub(super) fn conditions(&self, source: &Source) -> Result<Conditions, Failure> {
        if source.snapshot.is_none() {
            // Nothing is filtered, and nothing is shown either.
            return Ok(Conditions::default());
        }
        self.scope
            .conditions(&self.filters, source.id(), source.columns())
            .map_err(Failure::Filters)
    }

    /// What a component is computed from.
    pub(super) fn versions(&self, content: &Content) -> Versions {
        let Some((collection, version)) = content.source() else {
            return Versions::new();
        };
        match self.source(collection, version) {
            Ok(source) => Versions::from([(collection.clone(), source.version())]),
            Err(_) => Versions::new(),
        }
    }
}

impl Source {
    pub(super) fn id(&self) -> &CollectionId {
        &self.collection.id
    }

    pub(super) fn columns(&self) -> &[domain::Column] {
        self.snapshot
            .as_ref()
            .map_or(&[], |snapshot| snapshot.columns.as_slice())
    }

    pub(super) fn version(&self) -> Option<u64> {
        self.snapshot.as_ref().map(|snapshot| snapshot.version)
    }

    /// The version, for what cannot be computed from nothing.
    pub(super) fn data(&self) -> Result<&Snapshot, Failure> {
        self.snapshot.as_ref().ok_or(Failure::Empty)
    }
}

/// Who asks, as a name to count by; all who have not signed in count as one.
pub(super) fn name<A: Action>(permit: &Permit<A>) -> String {
    permit.actor().account().unwrap_or("anyone").to_owned()
}

fn contents(tabs: &[Tab]) -> impl Iterator<Item = &Content> {
    tabs.iter()
        .flat_map(|tab| tab.components.iter().map(|component| &component.content))
}

/// Finds a collection in the permit's project. The outer error is the store's.
async fn source(
    inner: &Inner,
    permit: &Permit<QueryData>,
    id: &CollectionId,
    version: Option<u64>,
) -> Result<Result<Source, Failure>, AccessError> {
    let Some(located) = permit.locate::<Collection>(id).await? else {
        return Ok(Err(Failure::NoCollection));
    };
    let snapshot = inner.settings.collections.snapshot(&located, version).await;
    Ok(match snapshot {
        Ok(snapshot) => Ok(Source {
            collection: located,
            snapshot,
        }),
        Err(CollectionError::NoSuchVersion(version)) => Err(Failure::NoVersion(version)),
        Err(CollectionError::VersionRemoved(version)) => Err(Failure::VersionRemoved(version)),
        Err(error) => Err(super::ask::broken(&error, "a version cannot be read")),
    })
}

/// Every column that colours a figure, with all sources it colours figures of: one value has one
/// colour on the whole dashboard.
fn colors(
    tabs: &[Tab],
    sources: &BTreeMap<(CollectionId, Option<u64>), Result<Source, Failure>>,
) -> BTreeMap<String, Vec<Source>> {
    let mut colors: BTreeMap<String, BTreeMap<(CollectionId, Option<u64>), Source>> =
        BTreeMap::new();
    for content in contents(tabs) {
        let (Content::Figure { spec, .. }, Some((id, version))) = (content, content.source())
        else {
            continue;
        };
        let key = (id.clone(), version);
        if let Some(Ok(source)) = sources.get(&key)
            && let Some(column) = figures::palette_column(spec, source.columns())
        {
            let of_column = colors.entry(column.to_owned()).or_default();
            of_column.insert((key.0, source.version()), source.clone());
        }
    }
    colors
        .into_iter()
        .map(|(column, sources)| (column, sources.into_values().collect()))
        .collect()
}
