//! A document found by the permit's project and an id: proof that it belongs there.

use crate::error::AccessError;
use crate::permit::Permit;
use domain::action::{self, Action, Weakens};
use domain::document::Document;
use domain::entity::{Collection, Dashboard, DashboardRevision, ServiceAccount};
use domain::id::{CollectionId, DashboardId, ProjectId, ServiceId};
use domain::key::Key;
use domain::narrowing::Narrowing;
use store::{Cursor, Order, Page, Stored};

/// A document that lies in a project. Its key starts with the project's id.
pub trait InProject: Document {
    /// How it is named within the project.
    type Id: std::fmt::Display + Sync;

    /// The project it lies in.
    fn project(&self) -> &ProjectId;

    /// For whom it is, when not for the whole project.
    fn narrowing(&self) -> Option<&Narrowing> {
        None
    }

    /// How many of a project are hidden under a permit.
    fn hidden<A: Action<On = action::Project>>(
        permit: &Permit<A>,
    ) -> impl Future<Output = Result<u64, AccessError>> + Send {
        let _ = permit;
        async { Ok(0) }
    }
}

impl InProject for Collection {
    type Id = CollectionId;

    fn project(&self) -> &ProjectId {
        &self.project
    }
}

impl InProject for Dashboard {
    type Id = DashboardId;

    fn project(&self) -> &ProjectId {
        &self.project
    }

    fn narrowing(&self) -> Option<&Narrowing> {
        self.narrowing.as_ref()
    }

    async fn hidden<A: Action<On = action::Project>>(
        permit: &Permit<A>,
    ) -> Result<u64, AccessError> {
        let documents = &permit.inner.shared.documents;
        let sees = |narrowing: &Narrowing| permit.inner.sees(Some(narrowing));
        crate::narrowed::hidden(documents, permit.project_id()?, sees).await
    }
}

impl InProject for ServiceAccount {
    type Id = ServiceId;

    fn project(&self) -> &ProjectId {
        &self.project
    }
}

impl InProject for DashboardRevision {
    type Id = DashboardId;

    fn project(&self) -> &ProjectId {
        &self.project
    }
}

/// A document found under a permit for `A`. Reads as the document.
pub struct Located<T, A: Action> {
    stored: Stored<T>,
    permit: Permit<A>,
}

impl<T, A: Action> Located<T, A> {
    /// The permit it was found under.
    #[must_use]
    pub fn permit(&self) -> &Permit<A> {
        &self.permit
    }

    /// The revision that was read.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.stored.revision
    }

    /// The same document, under a permit for an action that this one includes.
    #[must_use]
    pub fn weaken<B>(self) -> Located<T, B>
    where
        A: Weakens<B>,
        B: Action<On = A::On>,
    {
        Located {
            stored: self.stored,
            permit: self.permit.weaken(),
        }
    }
}

impl<T: Clone, A: Action> Clone for Located<T, A> {
    fn clone(&self) -> Self {
        Self {
            stored: self.stored_clone(),
            permit: self.permit.clone(),
        }
    }
}

impl<T: Clone, A: Action> Located<T, A> {
    fn stored_clone(&self) -> Stored<T> {
        Stored {
            value: self.stored.value.clone(),
            revision: self.stored.revision,
        }
    }
}

impl<T, A: Action> std::ops::Deref for Located<T, A> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.stored.value
    }
}

impl<A: Action<On = action::Project>> Permit<A> {
    /// Finds a document of the permit's project by its id. An id of another project is not found, nor
    /// what is narrowed to others.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn locate<T: InProject>(
        &self,
        id: &T::Id,
    ) -> Result<Option<Located<T, A>>, AccessError> {
        let key = Key::new().id(self.project_id()?).id(id);
        self.locate_key(&key).await
    }

    /// Finds a numbered part of a document of the permit's project, such as a revision.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn locate_numbered<T: InProject>(
        &self,
        id: &T::Id,
        number: u64,
    ) -> Result<Option<Located<T, A>>, AccessError> {
        let key = Key::new().id(self.project_id()?).id(id).number(number);
        self.locate_key(&key).await
    }

    async fn locate_key<T: InProject>(
        &self,
        key: &Key,
    ) -> Result<Option<Located<T, A>>, AccessError> {
        let stored = self.inner.shared.documents.get::<T>(key).await?;
        let seen = stored.filter(|stored| self.inner.sees(stored.value.narrowing()));
        Ok(seen.map(|stored| Located {
            stored,
            permit: self.clone(),
        }))
    }

    /// Lists documents of the permit's project: by one of their indexes, or by their own key.
    /// `under` names what their key starts with after the project. What is narrowed to others is left
    /// out, and neither a short page nor a cursor tells that it is there.
    ///
    /// # Errors
    /// When the cursor is not one, or the store fails.
    pub async fn list<T: InProject>(
        &self,
        index: &'static str,
        under: &[&str],
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<T>, AccessError> {
        let prefix = under
            .iter()
            .fold(Key::new().id(self.project_id()?), |key, part| {
                key.text(part)
            });
        let documents = &self.inner.shared.documents;
        let (mut kept, mut after) = (Vec::new(), after.cloned());
        // Where the last one kept stands: the start of its page, and how far in.
        let mut place = (None, 0);
        loop {
            let page = documents
                .list::<T>(index, &prefix, order, after.as_ref(), limit)
                .await?;
            for (steps, item) in (1..).zip(page.items) {
                if !self.inner.sees(item.value.narrowing()) {
                    continue;
                }
                if kept.len() as u64 == u64::from(limit) {
                    let (from, steps): (Option<Cursor>, u32) = place;
                    let next = documents
                        .list::<T>(index, &prefix, order, from.as_ref(), steps)
                        .await?
                        .next;
                    return Ok(Page { items: kept, next });
                }
                place = (after.clone(), steps);
                kept.push(item);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => {
                    return Ok(Page {
                        items: kept,
                        next: None,
                    });
                }
            }
        }
    }

    /// How many documents of a kind the permit's project has, as far as they may be known of.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count<T: InProject>(&self) -> Result<u64, AccessError> {
        let prefix = Key::new().id(self.project_id()?);
        let documents = &self.inner.shared.documents;
        let all = documents.count::<T>(store::PRIMARY, &prefix).await?;
        Ok(all.saturating_sub(T::hidden(self).await?))
    }
}
