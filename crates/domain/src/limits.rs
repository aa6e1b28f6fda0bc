//! Every limit of the product in one place, each with its unit in its name.
//!
//! `docs/limits.md` is printed from this file by a test, so the numbers an operator reads are the
//! numbers in force.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Declares a group of limits as a struct with documented defaults and a table for the docs.
macro_rules! limits {
    ($(#[$group_doc:meta])* $group:ident { $($(#[doc = $doc:literal])+ $name:ident: $ty:ty = $value:expr,)+ }) => {
        $(#[$group_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        // What an older version wrote down has no value for a limit that came later.
        #[serde(default)]
        pub struct $group {
            $($(#[doc = $doc])+ pub $name: $ty,)+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($name: $value,)+ }
            }
        }

        impl $group {
            /// Name, default and meaning of each limit, in the order they are declared.
            #[must_use]
            pub fn table() -> Vec<(&'static str, u64, String)> {
                let defaults = Self::default();
                vec![$((stringify!($name), u64::from(defaults.$name), [$($doc),+].concat().trim().to_owned()),)+]
            }

            /// Name and value of each limit, in the order they are declared.
            #[must_use]
            pub fn entries(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), u64::from(self.$name)),)+]
            }

            /// Sets a limit by its name; false when there is none of that name.
            pub fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $(stringify!($name) => self.$name = value,)+
                    _ => return false,
                }
                true
            }
        }
    };
}

limits! {
    /// What one run of user code may use.
    CodeLimits {
        /// Wall-clock time of one run, from the moment the worker has its job.
        code_wall_ms_max: u64 = 10_000,
        /// Processor time of one run.
        code_cpu_ms_max: u64 = 5_000,
        /// Address space of a run beyond the interpreter's own and its data frame.
        code_memory_extra_bytes_max: u64 = 1 << 30,
        /// The figure as JSON.
        code_result_bytes_max: u64 = 16 << 20,
        /// Text printed by the code; more is cut and said.
        code_text_bytes_max: u64 = 64 << 10,
        /// The source text of one figure's code.
        code_source_bytes_max: u64 = 50_000,
        /// Nesting of brackets and blocks in the source, checked before it is compiled.
        code_depth_max: u64 = 60,
        /// Data frame handed to a run; a larger one is refused, never cut.
        code_frame_bytes_max: u64 = 512 << 20,
    }
}

limits! {
    /// What all runs of user code together may use.
    CodeModeLimits {
        /// Runs at the same time, each in a worker of its own.
        code_workers: u64 = 2,
        /// Runs that wait, of all people together; one more is `busy`.
        code_queue_runs_max: u64 = 1_000,
        /// Runs of one person that have their data in memory, waiting for a worker or running.
        code_person_runs_max: u64 = 2,
        /// Runs of one person that wait beyond those; one more is `busy`. One dashboard may hold a hundred components.
        code_person_waiting_runs_max: u64 = 100,
        /// Data frames kept for the next run on the same rows.
        code_frames_cache_bytes_max: u64 = 256 << 20,
        /// Results of code and of other components kept for the next request on the same rows.
        code_results_cache_bytes_max: u64 = 128 << 20,
        /// Data frames of all runs that wait or run; a run that would go past it waits until others have ended.
        code_frames_bytes_max: u64 = 1 << 30,
    }
}

limits! {
    /// What one request may carry.
    RequestLimits {
        /// A JSON body.
        json_body_bytes_max: u64 = 2 << 20,
        /// All files of one upload together, counted while they stream.
        upload_bytes_max: u64 = 2 << 30,
        /// Files in one upload.
        upload_files_max: u64 = 32,
        /// What one Parquet or Arrow file unpacks to.
        upload_unpacked_bytes_max: u64 = 16 << 30,
        /// One batch of an Arrow file, unpacked.
        arrow_batch_bytes_max: u64 = 512 << 20,
        /// An Excel workbook as it is sent.
        excel_bytes_max: u64 = 64 << 20,
        /// An Excel workbook, unpacked.
        excel_unpacked_bytes_max: u64 = 1 << 30,
        /// The texts of all cells of an Excel workbook, which it holds apart from them.
        excel_strings_bytes_max: u64 = 64 << 20,
        /// Rows that one upload may set aside.
        upload_set_aside_rows_max: u64 = 10_000,
        /// The report of the rows that one upload sets aside.
        upload_set_aside_bytes_max: u64 = 16 << 20,
        /// Rows of one upsert, and rows compared by their key.
        keyed_rows_max: u64 = 2_000_000,
        /// Markers of a missing value that one upload may name.
        upload_markers_max: u64 = 20,
        /// Columns of one table.
        table_columns_max: u64 = 2_000,
        /// One cell of text in a table.
        table_cell_bytes_max: u64 = 1 << 20,
        /// Rows one query answers.
        query_rows_max: u64 = 10_000,
        /// Rows one query answers when it names no limit.
        query_rows_default: u64 = 100,
        /// Wall-clock time of one query.
        query_wall_ms_max: u64 = 30_000,
        /// Wall-clock time in which a file of rows is made and taken.
        export_wall_ms_max: u64 = 3_600_000,
        /// Filters in one query.
        query_filters_max: u64 = 50,
        /// Values in one filter.
        filter_values_max: u64 = 10_000,
        /// A filter expression, as written and as printed.
        filter_expression_chars_max: u64 = 100_000,
        /// Parentheses, `not` and functions in each other in a filter expression.
        filter_expression_depth_max: u64 = 32,
        /// Conditions in one filter expression; values in a list are not counted.
        filter_expression_conditions_max: u64 = 500,
        /// The pattern of one `like` in a filter expression.
        filter_pattern_chars_max: u64 = 1_000,
        /// Points a scatter or line draws; more are sampled, and the answer says so.
        figure_points_max: u64 = 20_000,
        /// Bars, boxes or colours in one figure; more are cut, and the answer says so.
        figure_groups_max: u64 = 1_000,
        /// Rows of a table page.
        page_rows_max: u64 = 1_000,
        /// Items on one page of a list.
        list_items_max: u64 = 200,
        /// Items on one page of a list that names no limit.
        list_items_default: u64 = 50,
        /// Components of one dashboard, all tabs together.
        dashboard_components_max: u64 = 100,
        /// People and groups that one dashboard is narrowed to.
        narrowing_principals_max: u64 = 200,
        /// A name, title or label, in characters.
        name_chars_max: u64 = 200,
        /// A description, in characters.
        description_chars_max: u64 = 4_000,
        /// The Markdown of one text component, in characters.
        markdown_chars_max: u64 = 20_000,
    }
}

limits! {
    /// What one project may hold.
    ProjectLimits {
        /// Bytes of all versions of all tables, as they lie in the store.
        project_bytes_max: u64 = 1 << 40,
        /// Rows of the latest versions of all tables together, when rows are added.
        project_rows_max: u64 = 10_000_000_000,
        /// Tables.
        project_collections_max: u64 = 1_000,
    }
}

limits! {
    /// What is kept of the disk, and on it.
    StorageLimits {
        /// Free space that uploads leave on the disk, for the audit log and the metadata: without it nobody could even
        /// delete something.
        disk_reserve_bytes: u64 = 64 << 20,
        /// The files of such a version stay for this long, for whoever is reading it.
        removed_version_grace_seconds: u64 = 600,
        /// A table of so many rows or more gets copies beside its files, sorted by the columns that people filter by, two at
        /// most; 0: none does.
        sorted_rows_min: u64 = 1_000_000,
    }
}

limits! {
    /// What signing in may cost and how long it lasts.
    IdentityLimits {
        /// Shortest password, in characters.
        password_chars_min: u64 = 8,
        /// Longest password, in characters; nothing is cut.
        password_chars_max: u64 = 128,
        /// Wrong passwords for one account before waits begin.
        login_failures_account_max: u64 = 10,
        /// Wrong passwords from one address before waits begin.
        login_failures_address_max: u64 = 100,
        /// Longest wait after too many wrong passwords.
        login_wait_ms_max: u64 = 900_000,
        /// A refresh token just replaced may be shown again for this long (two tabs racing).
        refresh_grace_ms: u64 = 10_000,
        /// Sessions one person may have open; the oldest ends.
        sessions_per_user_max: u64 = 50,
        /// A session that nobody refreshes for this long ends.
        session_idle_hours: u64 = 72,
        /// Life of a link that sets a new password.
        reset_link_life_hours: u64 = 24,
        /// Life of an invitation.
        invitation_life_hours: u64 = 168,
        /// Invitations that wait at the same time.
        invitations_max: u64 = 500,
        /// Tokens for programs one person may have.
        tokens_per_user_max: u64 = 50,
        /// Accounts of programs one project may have.
        service_accounts_per_project_max: u64 = 50,
        /// Longest life of a token for programs, in days.
        token_days_max: u64 = 365,
    }
}

limits! {
    /// How far the audit log may lag behind, and how much it answers.
    AuditLimits {
        /// Events of reads waiting to be written; past it reads are refused.
        audit_queue_events_max: u64 = 10_000,
        /// Longest time an event of a read waits to be written.
        audit_queue_ms_max: u64 = 50,
    }
}

/// What the operator may set a limit to; none when there is no such limit, or it is not theirs to set.
///
/// Below the least nothing could be drawn, and the sandbox could not even test itself; the most keeps the sums of
/// the worker's limits within what the kernel takes.
#[must_use]
pub fn settable(name: &str) -> Option<RangeInclusive<u64>> {
    Some(match name {
        "code_wall_ms_max" | "code_cpu_ms_max" => 100..=3_600_000,
        "code_memory_extra_bytes_max" => 64 << 20..=1 << 40,
        "code_result_bytes_max" => 1 << 10..=1 << 30,
        "code_text_bytes_max" => 1 << 10..=64 << 20,
        "code_source_bytes_max" => 1_000..=1_000_000,
        // Python's own compiler gives up somewhat above.
        "code_depth_max" => 10..=200,
        "code_frame_bytes_max" => 1 << 20..=1 << 40,
        "code_workers" => 1..=256,
        "code_queue_runs_max" | "code_person_waiting_runs_max" => 0..=100_000,
        "code_person_runs_max" => 1..=1_000,
        "code_frames_cache_bytes_max" | "code_results_cache_bytes_max" => 0..=1 << 40,
        "code_frames_bytes_max" => 1 << 20..=1 << 40,
        "project_bytes_max" => 1 << 20..=1 << 60,
        "project_rows_max" => 1..=1 << 50,
        "project_collections_max" => 1..=1_000_000,
        "disk_reserve_bytes" => 0..=1 << 50,
        "sorted_rows_min" => 0..=1 << 50,
        "removed_version_grace_seconds" => 1..=30 * 24 * 3600,
        _ => return None,
    })
}
