//! What the stories stand on: people, a project, a table of penguins.

use access::projects::{self, NewProject};
use access::{Caller, Detail, Guard, Located, Origin, Permit};
use audit::{Audit, AuditSettings};
use dashboards::{Dashboards, Document, Draft, Line, RenderRequest, Settings};
use domain::action::{
    CreateCollection, CreateDashboard, CreateProject, ManageMembers, ViewDashboard, WriteCollection,
};
use domain::dashboard::Tab;
use domain::entity::{Collection, Principal, Project, User};
use domain::id::{DashboardId, ProjectId, SessionId, UserId};
use domain::limits::{AuditLimits, CodeLimits, CodeModeLimits, ProjectLimits, RequestLimits};
use domain::time::{CountingRng, ManualClock};
use domain::{Action, ProjectRole, SystemRole};
use futures::StreamExt as _;
use keys::{DataKey, MasterKey, Secret, SystemRng};
use sandbox::Sandbox;
use serde_json::Value;
use std::sync::Arc;
use store::Documents;
use store::sqlite::{self, SqliteSettings};
use tables::{Collections, Mode, NewCollection, NewVersion, Tables, TablesSettings};

pub(crate) struct World {
    _dir: tempfile::TempDir,
    documents: Documents,
    master: MasterKey,
    pub(crate) guard: Guard,
    pub(crate) collections: Collections,
    pub(crate) dashboards: Dashboards,
    clock: Arc<ManualClock>,
    rng: Arc<CountingRng>,
}

pub(crate) const PENGUINS: &str = "\
species,island,mass
Adelie,Torgersen,3750
Adelie,Biscoe,3800
Gentoo,Biscoe,5000
Gentoo,Biscoe,
Chinstrap,Dream,3500
";

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (documents, journal) = sqlite::open(SqliteSettings {
            path_documents: dir.path().join("documents.db"),
            path_journal: dir.path().join("audit.db"),
            key: &Secret::new([7; 32]),
            readers: 1,
        })
        .await
        .unwrap();
        let (clock, rng) = (
            Arc::new(ManualClock::default()),
            Arc::new(CountingRng::default()),
        );
        let audit = Audit::start(AuditSettings {
            journal,
            limits: AuditLimits::default(),
            enabled: true,
            clock: clock.clone(),
            rng: rng.clone(),
        })
        .await
        .unwrap();
        let guard = Guard::new(documents.clone(), audit, clock.clone(), rng.clone());
        let limits = RequestLimits::default();
        let tables = Tables::new(TablesSettings {
            store: objects::local(dir.path().join("objects")).unwrap(),
            spool_dir: dir.path().join("spool"),
            threads: 2,
            memory_bytes: 256 << 20,
            limits,
            disk_reserve_bytes: 0,
            cache_bytes: 16 << 20,
            sorted_rows_min: 0,
            clock: clock.clone(),
        })
        .unwrap();
        let master = MasterKey::generate(&SystemRng);
        let collections = Collections::new(tables, master.clone(), ProjectLimits::default());
        let dashboards = Dashboards::new(Settings {
            collections: collections.clone(),
            sandbox: Sandbox::off("this story runs no code"),
            limits,
            code_limits: CodeLimits::default(),
            code_mode: CodeModeLimits::default(),
        });
        Self {
            _dir: dir,
            documents,
            master,
            guard,
            collections,
            dashboards,
            clock,
            rng,
        }
    }

    pub(crate) async fn person(&self, name: &str) -> Caller {
        let user = User {
            id: UserId::generate(self.clock.as_ref(), self.rng.as_ref()),
            email: format!("{name}@example.org"),
            display_name: name.to_owned(),
            role: SystemRole::User,
            disabled: false,
            created_at: domain::Clock::now(self.clock.as_ref()),
        };
        self.documents.insert(&user).await.unwrap();
        let session = SessionId::generate(self.clock.as_ref(), self.rng.as_ref());
        Caller::signed_in(&user, session, Origin::default())
    }

    pub(crate) async fn project(&self, owner: &Caller) -> Project {
        let permit = self.guard.on_system::<CreateProject>(owner).unwrap();
        let id = ProjectId::generate(self.clock.as_ref(), self.rng.as_ref());
        let key = DataKey::generate(&SystemRng);
        let new = NewProject {
            name: "Penguins".to_owned(),
            description: String::new(),
            synthetic: false,
            data_key: self.master.wrap(&key, id.as_str(), &SystemRng).unwrap(),
            owner: owner.user().unwrap().clone(),
            id,
        };
        permit
            .act(None, Detail::None, |act| async move {
                projects::create(&act, new).await
            })
            .await
            .unwrap()
    }

    pub(crate) async fn grant(
        &self,
        by: &Caller,
        project: &Project,
        to: &Caller,
        role: ProjectRole,
    ) {
        let permit: Permit<ManageMembers> = self.permit(by, project).await;
        let to = Principal::User(to.user().unwrap().clone());
        permit
            .act(None, Detail::None, move |act| async move {
                projects::set_member(&act, to, role).await.map(|_| ())
            })
            .await
            .unwrap();
    }

    pub(crate) async fn permit<A: Action<On = domain::action::Project>>(
        &self,
        who: &Caller,
        project: &Project,
    ) -> Permit<A> {
        self.guard.on_project::<A>(who, &project.id).await.unwrap()
    }

    /// A collection with a table, one version a text.
    pub(crate) async fn collection(
        &self,
        by: &Caller,
        project: &Project,
        name: &str,
        versions: &[&str],
    ) -> Collection {
        let permit: Permit<CreateCollection> = self.permit(by, project).await;
        let new = NewCollection {
            name: name.to_owned(),
            description: String::new(),
        };
        let collections = self.collections.clone();
        let made = permit
            .act(None, Detail::None, move |act| async move {
                collections.create(&act, new).await
            })
            .await
            .unwrap();
        for text in versions {
            self.upload(by, project, &made, text).await;
        }
        made
    }

    pub(crate) async fn upload(
        &self,
        by: &Caller,
        project: &Project,
        collection: &Collection,
        text: &str,
    ) {
        let permit: Permit<WriteCollection> = self.permit(by, project).await;
        let located: Located<Collection, WriteCollection> =
            permit.locate(&collection.id).await.unwrap().unwrap();
        let mut spool = self.collections.spool().unwrap();
        spool.write(text.as_bytes()).await.unwrap();
        let file = spool.finish("penguins.csv").await.unwrap();
        let new = NewVersion::new(vec![file], Mode::Overwrite);
        let collections = self.collections.clone();
        permit
            .act(None, Detail::None, move |act| async move {
                collections.upload(&act, &located, new).await
            })
            .await
            .unwrap();
    }

    pub(crate) async fn dashboard(&self, by: &Caller, project: &Project, tab: Value) -> Document {
        let permit: Permit<CreateDashboard> = self.permit(by, project).await;
        let tab: Tab = serde_json::from_value(tab).unwrap();
        let draft = Draft {
            title: "Species".to_owned(),
            tabs: Some(vec![tab]),
        };
        dashboards::create(&permit, draft, &CodeLimits::default())
            .await
            .unwrap()
    }

    pub(crate) async fn render(
        &self,
        who: &Caller,
        project: &Project,
        id: &DashboardId,
        request: RenderRequest,
    ) -> Vec<Line> {
        let permit: Permit<ViewDashboard> = self.permit(who, project).await;
        let stream = self.dashboards.render(&permit, id, request, None).await;
        let mut lines: Vec<Line> = stream.unwrap().collect().await;
        lines.sort_by(|a, b| a.component.cmp(&b.component));
        lines
    }
}

/// A component of a tab.
pub(crate) fn component(id: &str, content: Value) -> Value {
    serde_json::json!({"id": id, "layout": {"x": 0, "y": 0, "w": 6, "h": 4}, "content": content})
}

pub(crate) fn tab(components: Vec<Value>) -> Value {
    serde_json::json!({"id": "main", "title": "Main", "components": components})
}
