//! Routes of collections.

mod check;
mod create;
mod delete;
mod diff;
mod export;
mod format;
mod list;
mod problem;
mod query;
mod retention;
mod show;
mod summary;
mod update;
mod upload;
mod versions;
mod widgets;
mod wire;

use crate::http::routes::{Doc, Routes};

pub(super) fn routes() -> Routes {
    Routes::under("/api/v1/projects/{project}")
        .add(
            Doc::get("/collections", "The project's collections, by name")
                .paged::<wire::CollectionBody>(),
            list::list,
        )
        .add(
            Doc::post("/collections", "Make a collection")
                .body::<create::NewCollectionBody>()
                .answer::<wire::CollectionBody>(201),
            create::create,
        )
        .add(
            Doc::get("/collections/{collection}", "One collection")
                .answer::<wire::CollectionBody>(200),
            show::show,
        )
        .add(
            Doc::patch(
                "/collections/{collection}",
                "Rename or describe a collection",
            )
            .body::<update::CollectionPatchBody>()
            .answer::<wire::CollectionBody>(200),
            update::update,
        )
        .add(
            Doc::delete(
                "/collections/{collection}",
                "Delete a collection with all its versions",
            ),
            delete::delete,
        )
        .add(
            Doc::post(
                "/collections/{collection}/uploads",
                "Make a new version of files",
            )
            .query("mode", "append (default), overwrite or upsert")
            .query("key", "for upsert: the key's column, or several with commas between")
            .query("dry_run", "true: only say what would become of the files")
            .query("sheet", "the sheet of a workbook; the first one when absent")
            .query(
                "bad_rows",
                "refuse (default): a row that does not fit refuses the upload; set_aside: such rows go into a report",
            )
            .query(
                "missing",
                "more markers of a missing value, separated by commas; they count in text too",
            )
            .multipart()
            .answer::<upload::UploadPreviewBody>(200)
            .answer::<wire::VersionMade>(201),
            upload::upload,
        )
        .add(
            Doc::get(
                "/collections/{collection}/versions",
                "All versions, newest first",
            )
            .list::<versions::VersionBody>(),
            versions::list,
        )
        .add(
            Doc::get(
                "/collections/{collection}/diff",
                "What differs between two versions",
            )
            .query("from", "the version looked back to")
            .query("to", "the version looked at")
            .query("key", "the key's column, or several with commas between: says which rows differ")
            .answer::<diff::DiffBody>(200),
            diff::diff,
        )
        .add(
            Doc::get(
                "/collections/{collection}/versions/{version}/set_aside",
                "The rows that an upload set aside, as CSV",
            )
            .media(200, "text/csv"),
            versions::set_aside,
        )
        .add(
            Doc::post(
                "/collections/{collection}/restore",
                "Make an old version the latest again",
            )
            .body::<versions::RestoreBody>()
            .answer::<wire::VersionMade>(200),
            versions::restore,
        )
        .add(
            Doc::put(
                "/collections/{collection}/retention",
                "Say how many of the latest versions are kept",
            )
            .body::<retention::RetentionBody>()
            .answer::<retention::Kept>(200),
            retention::keep,
        )
        .add(
            Doc::post("/collections/{collection}/query", "Rows of a version")
                .body::<query::QueryBody>()
                .answer::<query::RowsBody>(200)
                .media(200, "text/csv")
                .media(200, "application/vnd.apache.parquet")
                .media(200, "application/vnd.apache.arrow.stream")
                .media(200, "application/x-ndjson"),
            query::query,
        )
        .add(
            Doc::get(
                "/collections/{collection}/export",
                "Rows of a version as a file: CSV, Parquet, Arrow or JSON lines",
            )
            .query("format", "csv, parquet, arrow or jsonl; else by Accept, else csv")
            .query("version", "a version; the latest when absent")
            .query("filter", "a filter as text, as in docs/filters.md")
            .query("filters", "a JSON list of conditions, as a query has it")
            .query("columns", "a JSON list of columns, in this order; all when absent")
            .query(
                "formulas",
                "guard (default): text that a spreadsheet would compute gets an apostrophe, in CSV; keep: it does not",
            )
            .media(200, "text/csv")
            .media(200, "application/vnd.apache.parquet")
            .media(200, "application/vnd.apache.arrow.stream")
            .media(200, "application/x-ndjson"),
            export::export,
        )
        .add(
            Doc::post(
                "/collections/{collection}/filter",
                "Read a filter as text, without asking the table",
            )
            .body::<check::CheckBody>()
            .answer::<check::Checked>(200),
            check::check,
        )
        .add(
            Doc::post(
                "/collections/{collection}/distinct",
                "Distinct values with counts",
            )
            .body::<widgets::DistinctBody>()
            .answer::<widgets::DistinctAnswer>(200),
            widgets::distinct,
        )
        .add(
            Doc::post(
                "/collections/{collection}/range",
                "Smallest and largest value",
            )
            .body::<widgets::RangeBody>()
            .answer::<widgets::RangeAnswer>(200),
            widgets::range,
        )
        .add(
            Doc::post("/collections/{collection}/aggregate", "Groups, and what is made of each")
                .body::<summary::AggregateBody>()
                .answer::<summary::SummaryAnswer>(200),
            summary::aggregate,
        )
        .add(
            Doc::post("/collections/{collection}/histogram", "Equal bins of a number or a time, with counts")
                .body::<summary::HistogramBody>()
                .answer::<summary::SummaryAnswer>(200),
            summary::histogram,
        )
        .add(
            Doc::post("/collections/{collection}/quantiles", "Quantiles of a column of numbers, by group")
                .body::<summary::QuantilesBody>()
                .answer::<summary::SummaryAnswer>(200),
            summary::quantiles,
        )
        .add(
            Doc::post("/collections/{collection}/correlations", "How columns of numbers go together")
                .body::<summary::CorrelationsBody>()
                .answer::<summary::SummaryAnswer>(200),
            summary::correlations,
        )
}
