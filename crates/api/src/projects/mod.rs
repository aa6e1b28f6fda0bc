//! Routes of projects and what lies in them.

mod access;
mod collections;
mod create;
mod dashboards;
mod delete;
mod figures;
mod list;
mod members;
mod public;
mod services;
mod show;
mod update;
mod usage;
mod wire;

use crate::http::routes::{Doc, Routes};

pub(crate) fn routes() -> Routes {
    Routes::under("/api/v1")
        .add(
            Doc::get("/projects", "The projects one may see").paged::<wire::ProjectBody>(),
            list::list,
        )
        .add(
            Doc::post("/projects", "Make a project and own it")
                .body::<create::NewProjectBody>()
                .answer::<wire::ProjectBody>(201),
            create::create,
        )
        .public(
            Doc::get("/public/projects", "The projects that are open to everyone")
                .paged::<public::PublicProjectBody>(),
            public::list,
        )
        .add(
            Doc::get("/projects/{project}", "One project").answer::<wire::ProjectBody>(200),
            show::show,
        )
        .add(
            Doc::get(
                "/projects/{project}/usage",
                "What a project holds, and what it may",
            )
            .answer::<usage::UsageBody>(200),
            usage::usage,
        )
        .add(
            Doc::patch("/projects/{project}", "Rename or describe a project")
                .body::<update::ProjectPatchBody>()
                .answer::<wire::ProjectBody>(200),
            update::update,
        )
        .add(
            Doc::delete("/projects/{project}", "Delete a project with all its data"),
            delete::delete,
        )
        .add(
            Doc::get(
                "/projects/{project}/access",
                "Why somebody has the role they have",
            )
            .query("user", "whose role; one's own when absent")
            .query("dashboard", "on this dashboard, whose narrowing counts")
            .query(
                "action",
                "also how this action would be decided, such as `dashboard.edit`",
            )
            .answer::<access::AccessBody>(200),
            access::explain,
        )
        .add(
            Doc::get(
                "/projects/{project}/audience",
                "Everyone who reaches a project, and through what",
            )
            .paged::<access::ReachingBody>()
            .query("dashboard", "who reaches this dashboard"),
            access::audience,
        )
        .merge(members::routes())
        .merge(services::routes())
        .merge(collections::routes())
        .merge(dashboards::routes())
        .merge(figures::routes())
}
