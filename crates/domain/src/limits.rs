//! Every limit of the product in one place, each with its unit in its name.
//!
//! `docs/limits.md` is printed from this file by a test, so the numbers an operator reads are the
//! numbers in force.

use serde::{Deserialize, Serialize};

/// Declares a group of limits as a struct with documented defaults and a table for the docs.
macro_rules! limits {
    ($(#[$group_doc:meta])* $group:ident { $($(#[doc = $doc:literal])+ $name:ident: $ty:ty = $value:expr,)+ }) => {
        $(#[$group_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What one request may carry.
    RequestLimits {
        /// A JSON body.
        json_body_bytes_max: u64 = 2 << 20,
        /// All files of one upload together, counted while they stream.
        upload_bytes_max: u64 = 2 << 30,
        /// Files in one upload.
        upload_files_max: u64 = 32,
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
        /// Filters in one query.
        query_filters_max: u64 = 50,
        /// Values in one filter.
        filter_values_max: u64 = 10_000,
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
        /// A name, title or label, in characters.
        name_chars_max: u64 = 200,
        /// A description, in characters.
        description_chars_max: u64 = 4_000,
        /// The Markdown of one text component, in characters.
        markdown_chars_max: u64 = 20_000,
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
