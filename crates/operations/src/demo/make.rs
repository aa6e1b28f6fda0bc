//! Making the demo, step by step.

use super::reference::{
    FEATURES_HEADER, FEATURES_PER_SAMPLE, METADATA_HEADER, METRICS_HEADER, features, metadata,
    metrics,
};
use super::{DemoProgress, DemoState, Progress, boards};
use access::projects::{self, NewProject};
use access::{Act, Caller, Detail, Guard, Visible};
use dashboards::Draft;
use domain::action::{
    CreateCollection, CreateDashboard, CreateProject, DeleteProject, ListProjects, ListUsers,
    WriteCollection,
};
use domain::actor::JobKind;
use domain::dashboard::Tab;
use domain::entity::Project;
use domain::id::{CollectionId, ProjectId, UserId};
use domain::limits::CodeLimits;
use domain::{Clock, Rng, SystemRole};
use identity::Identity;
use std::sync::Arc;
use tables::{Collections, Mode, NewCollection, NewVersion, SourceFile};

const PENGUINS: &str = "Palmer penguins";
const PENGUINS_CSV: &[u8] = include_bytes!("../../../../demo/penguins.csv");
const STUDY: &str = "Synthetic study";
/// Samples of the study: with 24,022 features each, just over a million rows.
const SAMPLES: u64 = 42;

/// What the demo is made with.
pub struct Stage {
    /// The gate.
    pub guard: Guard,
    /// Accounts, for the admin who will own the projects.
    pub identity: Identity,
    /// Collections.
    pub collections: Collections,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// The system's generator.
    pub rng: Arc<dyn Rng>,
    /// Where progress is shown.
    pub progress: Progress,
}

/// Why the demo could not be made; for the log.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Makes what is not there yet. A project that an earlier start left half done is made anew.
pub async fn make(stage: Stage) {
    let progress = stage.progress.clone();
    if let Err(error) = stage.make().await {
        tracing::error!(%error, "the demo could not be made");
        let before = progress.now();
        progress.set(DemoProgress {
            state: DemoState::Failed,
            ..before
        });
    }
}

impl Stage {
    fn caller() -> Caller {
        Caller::job(JobKind::Demo)
    }

    async fn make(&self) -> Result<(), Failure> {
        let rows_total = SAMPLES * FEATURES_PER_SAMPLE;
        let running = DemoProgress {
            state: DemoState::Running,
            rows_done: 0,
            rows_total,
        };
        self.progress.set(running);
        let owner = self.admin().await?;
        if self.is_missing(PENGUINS).await? {
            self.penguins(owner.clone()).await?;
        }
        if self.is_missing(STUDY).await? {
            self.study(owner).await?;
        }
        self.progress.set(DemoProgress {
            state: DemoState::Done,
            rows_done: rows_total,
            rows_total,
        });
        Ok(())
    }

    /// The first admin, who owns the demo.
    async fn admin(&self) -> Result<UserId, Failure> {
        let permit = self.guard.on_system::<ListUsers>(&Self::caller())?;
        let (users, _) = self.identity.users(&permit, None, 200).await?;
        let admin = users
            .into_iter()
            .find(|user| user.role == SystemRole::Admin && !user.disabled);
        Ok(admin.ok_or("there is no admin to own the demo")?.id)
    }

    /// Whether a project of the demo has to be made. One without a dashboard was cut off half-way:
    /// it goes first.
    async fn is_missing(&self, name: &str) -> Result<bool, Failure> {
        let permit = self.guard.on_system::<ListProjects>(&Self::caller())?;
        let visible = Visible::of(permit).await?;
        let mut after = None;
        loop {
            let page = visible.projects(after.as_ref(), 200).await?;
            for project in page.items {
                if project.value.name == name {
                    return self.clear_when_cut_off(&project.value).await;
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(true),
            }
        }
    }

    async fn clear_when_cut_off(&self, project: &Project) -> Result<bool, Failure> {
        let permit = self
            .guard
            .on_project::<DeleteProject>(&Self::caller(), &project.id)
            .await?;
        if permit.count::<domain::entity::Dashboard>().await? > 0 || !project.synthetic {
            return Ok(false);
        }
        let collections = self.collections.clone();
        permit
            .act(None, Detail::None, |act| async move {
                projects::delete(&act).await?;
                if let Err(error) = collections.drop_files(&act).await {
                    tracing::warn!(%error, "files of a half-made demo could not be removed");
                }
                Ok::<_, projects::ProjectError>(())
            })
            .await?;
        Ok(true)
    }

    async fn penguins(&self, owner: UserId) -> Result<(), Failure> {
        let about = "344 penguins of three species on three islands, 2007 to 2009. Real data: \
                     Gorman, Williams and Fraser 2014 (CC0).";
        let project = self.project(PENGUINS, about, false, owner).await?;
        let birds = self
            .collection(&project, "Penguins", "One row is one bird.")
            .await?;
        let mut spool = self.collections.spool()?;
        spool.write(PENGUINS_CSV).await?;
        self.upload(&project, &birds, spool.finish("penguins.csv").await?)
            .await?;
        self.dashboard(&project, "Species overview", boards::penguins(&birds))
            .await
    }

    async fn study(&self, owner: UserId) -> Result<(), Failure> {
        let about = "A large table to try things on. Synthetic: these numbers were generated by \
                     this program, and nobody measured them.";
        let project = self.project(STUDY, about, true, owner).await?;
        let samples = self
            .collection(&project, "Samples", "One row is one sample.")
            .await?;
        let file = self
            .generate("samples.csv", METADATA_HEADER, metadata, false)
            .await?;
        self.upload(&project, &samples, file).await?;
        let quality = self
            .collection(&project, "Quality metrics", "One row is one metric.")
            .await?;
        let file = self
            .generate("quality.csv", METRICS_HEADER, metrics, false)
            .await?;
        self.upload(&project, &quality, file).await?;
        let about = "One row is one feature of one sample.";
        let table = self.collection(&project, "Features", about).await?;
        let file = self
            .generate("features.csv", FEATURES_HEADER, features, true)
            .await?;
        self.upload(&project, &table, file).await?;
        self.dashboard(&project, "Expression", boards::reference(&table, &samples))
            .await
    }

    /// Generates a file sample by sample, away from the threads that serve.
    async fn generate(
        &self,
        name: &str,
        header: &str,
        rows: fn(u64) -> String,
        counted: bool,
    ) -> Result<SourceFile, Failure> {
        let mut spool = self.collections.spool()?;
        spool.write(header.as_bytes()).await?;
        for sample in 0..SAMPLES {
            let text = tokio::task::spawn_blocking(move || rows(sample)).await?;
            spool.write(text.as_bytes()).await?;
            if counted {
                let before = self.progress.now();
                // The last rows count once the table is committed.
                let rows_done = (sample * FEATURES_PER_SAMPLE).min(before.rows_total);
                self.progress.set(DemoProgress {
                    rows_done,
                    ..before
                });
            }
        }
        Ok(spool.finish(name).await?)
    }

    async fn project(
        &self,
        name: &str,
        description: &str,
        synthetic: bool,
        owner: UserId,
    ) -> Result<ProjectId, Failure> {
        let permit = self.guard.on_system::<CreateProject>(&Self::caller())?;
        let id = ProjectId::generate(self.clock.as_ref(), self.rng.as_ref());
        let new = NewProject {
            data_key: self.collections.new_project_key(&id, self.rng.as_ref())?,
            id,
            name: name.to_owned(),
            description: description.to_owned(),
            synthetic,
            owner,
        };
        let made = permit
            .act(None, Detail::None, |act| async move {
                projects::create(&act, new).await
            })
            .await?;
        Ok(made.id)
    }

    async fn collection(
        &self,
        project: &ProjectId,
        name: &str,
        description: &str,
    ) -> Result<CollectionId, Failure> {
        let permit = self
            .guard
            .on_project::<CreateCollection>(&Self::caller(), project)
            .await?;
        let new = NewCollection {
            name: name.to_owned(),
            description: description.to_owned(),
        };
        let collections = self.collections.clone();
        let made = permit
            .act(
                None,
                Detail::None,
                move |act: Arc<Act<CreateCollection>>| async move {
                    collections.create(&act, new).await
                },
            )
            .await?;
        Ok(made.id)
    }

    async fn upload(
        &self,
        project: &ProjectId,
        collection: &CollectionId,
        file: SourceFile,
    ) -> Result<(), Failure> {
        let permit = self
            .guard
            .on_project::<WriteCollection>(&Self::caller(), project)
            .await?;
        let located = permit
            .locate(collection)
            .await?
            .ok_or("the collection has gone")?;
        let new = NewVersion::new(vec![file], Mode::Append);
        let collections = self.collections.clone();
        permit
            .act(None, Detail::None, move |act| async move {
                collections.upload(&act, &located, new).await
            })
            .await?;
        Ok(())
    }

    async fn dashboard(
        &self,
        project: &ProjectId,
        title: &str,
        tabs: Vec<Tab>,
    ) -> Result<(), Failure> {
        let permit = self
            .guard
            .on_project::<CreateDashboard>(&Self::caller(), project)
            .await?;
        let draft = Draft {
            title: title.to_owned(),
            tabs: Some(tabs),
        };
        dashboards::create(&permit, draft, &CodeLimits::default()).await?;
        Ok(())
    }
}
