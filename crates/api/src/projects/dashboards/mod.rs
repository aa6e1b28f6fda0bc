//! Routes of dashboards.

mod create;
mod delete;
mod list;
mod narrow;
mod problem;
mod render;
mod revisions;
mod save;
mod show;

pub(super) use problem::failure;

use crate::http::routes::{Doc, Routes};
use dashboards::{Document, Revision, Summary};

pub(super) fn routes() -> Routes {
    Routes::under("/api/v1/projects/{project}")
        .add(
            Doc::get("/dashboards", "The project's dashboards").paged::<Summary>(),
            list::list,
        )
        .add(
            Doc::post("/dashboards", "Make a dashboard")
                .body::<create::NewDashboardBody>()
                .answer::<Document>(201),
            create::create,
        )
        .add(
            Doc::get("/dashboards/{dashboard}", "A dashboard, with its ETag")
                .answer::<Document>(200),
            show::show,
        )
        .add(
            Doc::put(
                "/dashboards/{dashboard}",
                "Save a dashboard over the revision one has seen",
            )
            .header("If-Match", "the ETag of that revision")
            .body::<save::DashboardBody>()
            .answer::<Document>(200),
            save::save,
        )
        .add(
            Doc::delete(
                "/dashboards/{dashboard}",
                "Delete a dashboard with its history",
            ),
            delete::delete,
        )
        .add(
            Doc::put(
                "/dashboards/{dashboard}/narrowing",
                "Narrow a dashboard to editors, or to people and groups of its project",
            )
            .body::<narrow::NarrowingBody>()
            .answer::<Document>(200),
            narrow::narrow,
        )
        .add(
            Doc::delete(
                "/dashboards/{dashboard}/narrowing",
                "Open a dashboard to its whole project again",
            ),
            narrow::open,
        )
        .add(
            Doc::get(
                "/dashboards/{dashboard}/revisions",
                "All revisions, newest first",
            )
            .paged::<Revision>(),
            revisions::list,
        )
        .add(
            Doc::get(
                "/dashboards/{dashboard}/revisions/{revision}",
                "A dashboard as it was",
            )
            .answer::<Document>(200),
            revisions::show,
        )
        .add(
            Doc::post(
                "/dashboards/{dashboard}/revert",
                "Save an old revision as a new one",
            )
            .body::<revisions::RevertBody>()
            .answer::<Document>(200),
            revisions::revert,
        )
        .add(
            Doc::post(
                "/dashboards/{dashboard}/render",
                "Results, one JSON line a component",
            )
            .body::<render::RenderBody>()
            .media(200, "application/x-ndjson"),
            render::render,
        )
}
