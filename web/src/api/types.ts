/** The shapes of the wire, as `/api/v1` gives and takes them. */

export type SystemRole = 'admin' | 'user' | 'viewer';
export type ProjectRole = 'owner' | 'editor' | 'viewer';

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { pointer: string; message: string }[];
  /** Of a refusal: what it rests on. */
  because?: { reason: string };
  line?: number;
  column?: number;
  /** Of a filter as text: its line, and carets under the mistake. */
  excerpt?: string;
  stdout?: string;
  stdout_cut?: boolean;
  current?: Dashboard;
}

export interface User {
  id: string;
  email: string;
  display_name: string;
  role: SystemRole;
  disabled: boolean;
  created_at: string;
}

export interface Me {
  user: User;
  expires_in: number;
  permissions: { create_project: boolean; admin: boolean };
}

export interface Session {
  id: string;
  created_at: string;
  last_used_at: string | null;
  user_agent: string | null;
  address: string | null;
  current: boolean;
}

export type TokenScope = 'read' | 'edit' | 'admin';

/** A token for a program, without what would open anything. */
export interface Token {
  id: string;
  name: string;
  scope: TokenScope;
  project: string | null;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
  last_used_from: string | null;
}

export interface MadeToken extends Token {
  /** Shown once. */
  token: string;
}

/** Who may make an account; where `single_user`, one person needs neither an account nor a password. */
export interface Registration {
  registration: 'closed' | 'invite' | 'open';
  single_user: boolean;
}

/** What a link is for, for whoever holds it. */
export interface LinkPurpose {
  purpose: string;
  email: string | null;
}

export interface MadeLink {
  id: string;
  /** With what opens it behind the `#`; shown once. */
  path: string;
  expires_at: string;
  /** Whether it was also sent to the person by mail. */
  mailed: 'sent' | 'failed' | 'off';
}

export interface Invitation {
  id: string;
  email: string | null;
  role: SystemRole;
  created_at: string;
  expires_at: string;
}

export interface Group {
  id: string;
  name: string;
  members?: { id: string; display_name: string }[];
  /** Who edits its membership besides administrators. */
  maintainers?: { id: string; display_name: string }[];
}

/** A group one is in or maintains. */
export interface OwnGroup {
  id: string;
  name: string;
  member: boolean;
  maintainer: boolean;
}

export interface DirectoryEntry {
  kind: 'user' | 'group';
  id: string;
  name: string;
}

export interface Settings {
  public_projects: boolean;
  registration: Registration['registration'];
  /** Who gives roles in projects and makes service accounts. */
  sharing: 'owners' | 'admins';
  /** What an administrator has lowered; null when nothing. */
  project_limits?: { [Key in keyof ProjectLimits]?: number | null } | null;
  project_limits_configured: ProjectLimits;
}

/** What one project may hold. */
export interface ProjectLimits {
  project_bytes_max: number;
  project_rows_max: number;
  project_collections_max: number;
}

export type ProjectAction =
  | 'collection.retention'
  | 'collection.sort'
  | 'project.view'
  | 'dashboard.view'
  | 'dashboard.create'
  | 'dashboard.edit'
  | 'dashboard.delete'
  | 'dashboard.narrow'
  | 'project.settings'
  | 'project.members'
  | 'members.list'
  | 'access.read'
  | 'data.query'
  | 'figure.preview'
  | 'code.read'
  | 'code.write'
  | 'collection.create'
  | 'collection.write'
  | 'collection.delete'
  | 'data.export'
  | 'project.delete'
  | 'services.list'
  | 'services.manage'
  | 'project.audit';

/** Limits on one run of code. */
export interface CodeLimits {
  code_wall_ms_max: number;
  code_cpu_ms_max: number;
  code_memory_extra_bytes_max: number;
  code_result_bytes_max: number;
  code_text_bytes_max: number;
}

export interface Project {
  id: string;
  name: string;
  description: string | null;
  role: ProjectRole;
  via_admin: boolean;
  /** None of its owners can sign in any more; told to administrators. */
  orphaned: boolean;
  created_at: string;
  updated_at: string;
  /** Counts come with one project, not with a list of them. */
  collections?: number | null;
  dashboards?: number | null;
  synthetic: boolean;
  /** What an owner has lowered; null when nothing. */
  code_limits?: { [Key in keyof CodeLimits]?: number | null } | null;
  code_limits_effective: CodeLimits;
  can: Partial<Record<ProjectAction, boolean>>;
}

/** What everyone may see of a project that is open to them. */
export interface Usage {
  bytes: number;
  bytes_max: number;
  rows: number;
  rows_max: number;
  collections: number;
  collections_max: number;
}

export interface PublicProject {
  id: string;
  name: string;
  description: string;
}

export interface Member {
  kind: 'user' | 'group' | 'anyone';
  id: string;
  name: string;
  role: ProjectRole;
}

/** An account of a program in a project, without what would open anything. */
export interface ServiceAccount {
  id: string;
  name: string;
  role: ProjectRole;
  created_at: string;
  created_by: { id: string; name: string } | null;
  expires_at: string;
  last_used_at: string | null;
  last_used_from: string | null;
}

export interface MadeServiceAccount extends ServiceAccount {
  /** Shown once. */
  token: string;
}

export interface GrantReason {
  role: ProjectRole;
  via: 'user' | 'group' | 'service' | 'anyone' | 'system' | string;
  group?: { id: string; name: string } | null;
}

/** What is missing for an act to be allowed. */
export interface Missing {
  missing: 'sign_in' | 'role' | 'system_role' | 'passage' | 'maintainer';
  role?: string;
}

/** Why somebody has the role they have. */
export interface Access {
  role: ProjectRole | null;
  capped: boolean;
  grants: GrantReason[];
  decision?: { action: string; outcome: string; missing: Missing[] };
}

/** Somebody who reaches a project. */
export interface Reaching {
  kind: 'user' | 'anyone';
  id: string;
  name: string;
  role: ProjectRole;
  capped: boolean;
  grants: GrantReason[];
}

export type ColumnType =
  | 'string'
  | 'int64'
  | 'float64'
  | 'bool'
  | 'date'
  | 'timestamp'
  | 'timestamp_tz'
  | 'category';

export interface Column {
  name: string;
  type: ColumnType;
}

export interface Collection {
  id: string;
  name: string;
  description: string | null;
  rows: number;
  version: number | null;
  columns: Column[];
  created_at: string;
  updated_at: string;
  bytes?: number | null;
  /** How many of the latest versions are kept; null for all. */
  keep_versions: number | null;
}

export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

export interface Version {
  version: number;
  created_at: string;
  created_by: { id: string; name: string } | null;
  operation: string;
  rows: number;
  set_aside: number;
  rows_added: number | null;
  rows_removed: number | null;
  rows_updated: number | null;
  bytes: number | null;
  /** It is kept no longer. */
  removed: boolean;
}

/** Versions that follow each other. */
export interface Span {
  from: number;
  to: number;
}

/** What is kept of a collection's history from now on. */
export interface Kept {
  keep_versions: number | null;
  leaving: Span[];
  removed: Span[];
  pinned: number[];
}

/** How many rows, and the first of their keys. */
export interface KeyCount {
  rows: number;
  first: string[];
}

/** What differs between two versions. */
export interface VersionDiff {
  from: { version: number; rows: number };
  to: { version: number; rows: number };
  columns_added: Column[];
  columns_removed: Column[];
  columns_changed: { name: string; before: ColumnType; after: ColumnType }[];
  keys: { added: KeyCount; removed: KeyCount; changed: KeyCount } | null;
}

export interface UploadResult {
  version: number;
  rows: number;
  total_rows: number;
  columns: Column[];
  set_aside: number;
  rows_updated: number;
}

/** What was seen in a column of text: what is missing, and the type it nearly is. */
export interface ColumnNote {
  column: string;
  missing: number;
  markers: string[];
  values: number | null;
  nearly: ColumnType | null;
  odd_cells: number;
  odd: { line: number; text: string }[];
}

export interface UploadPreview {
  columns: Column[];
  rows: Row[];
  rows_seen: number;
  notes: ColumnNote[];
  sheets: string[];
  sheet: string | null;
  set_aside: number;
}

export type FilterOp =
  | 'eq' | 'ne' | 'in' | 'not_in' | 'lt' | 'lte' | 'gt' | 'gte'
  | 'between' | 'contains' | 'starts_with' | 'is_null' | 'not_null';

export interface Filter {
  collection?: string;
  column: string;
  op: FilterOp;
  value?: Cell;
  values?: Cell[];
}

export interface CheckedFilter {
  filter: string;
  columns: string[];
  conditions: number;
  filters: Filter[] | null;
  version: number | null;
}

export interface SortKey {
  column: string;
  descending?: boolean;
}

export interface QueryRequest {
  columns?: string[];
  filters?: Filter[];
  filter?: string;
  sort?: SortKey[];
  limit?: number;
  offset?: number;
  version?: number;
}

export interface QueryResult {
  columns: Column[];
  rows: Row[];
  version: number | null;
  total_rows: number;
  truncated: boolean;
  next_cursor: string | null;
}

export interface Distinct {
  items: { value: Cell; count: number }[];
  total: number;
  truncated: boolean;
  version: number | null;
}

export interface ValueRange {
  min: string | number | null;
  max: string | number | null;
  version: number | null;
}

export interface DashboardSummary {
  id: string;
  title: string;
  revision: number;
  updated_at: string;
  updated_by: { id: string; name: string } | null;
  components: number;
  /** It is for fewer people than the project. */
  narrowed: boolean;
}

export type WidgetKind = 'multi_select' | 'range' | 'date_range' | 'search';

export interface Widget {
  id: string;
  label: string;
  collection: string;
  column: string;
  kind: WidgetKind;
}

export type CardAggregate = 'count' | 'distinct' | 'sum' | 'mean' | 'median' | 'min' | 'max' | 'std';
export type Chart = 'scatter' | 'line' | 'bar' | 'histogram' | 'box';

export interface FigureSpec {
  chart: Chart;
  x?: string;
  y?: string;
  color?: string;
  size?: string;
  opacity?: number;
  aggregate?: CardAggregate;
  mode?: 'group' | 'stack';
  horizontal?: boolean;
  bins?: number;
  x_title?: string;
  y_title?: string;
}

export interface CardContent {
  kind: 'card';
  collection: string;
  version?: number;
  column?: string;
  aggregate: CardAggregate;
  unit?: string;
  decimals?: number;
}
export interface FigureContent {
  kind: 'figure';
  collection: string;
  version?: number;
  spec: FigureSpec;
}
export interface CodeContent {
  kind: 'code';
  collection: string;
  version?: number;
  code: string;
  columns?: string[];
}
export interface TableContent {
  kind: 'table';
  collection: string;
  version?: number;
  columns?: string[];
  sort?: SortKey[];
  page_size?: number;
}
export interface TextContent {
  kind: 'text';
  markdown: string;
}
export type Content = CardContent | FigureContent | CodeContent | TableContent | TextContent;
export type ContentKind = Content['kind'];

export interface Layout {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Component {
  id: string;
  title: string;
  layout: Layout;
  content: Content;
}

export interface DashboardTab {
  id: string;
  title: string;
  filters: Widget[];
  components: Component[];
}

export interface Dashboard {
  id: string;
  project: string;
  title: string;
  revision: number;
  created_at: string;
  created_by: { id: string; name: string } | null;
  updated_at: string;
  updated_by: { id: string; name: string } | null;
  /** For whom it is; null (or absent, in a draft) when for the whole project. */
  narrowing?: Narrowing | null;
  tabs: DashboardTab[];
}

export interface Narrowing {
  to: 'editors' | 'named' | string;
  users: { id: string; name: string }[];
  groups: { id: string; name: string }[];
}

export interface Revision {
  revision: number;
  title: string;
  created_at: string;
  created_by: { id: string; name: string } | null;
}

export interface PlotlyFigure {
  data: Record<string, unknown>[];
  layout?: Record<string, unknown>;
  /** Steps of an animation. */
  frames?: Record<string, unknown>[];
}

export type Result =
  | { kind: 'card'; value: number | string | null; count: number; type?: string }
  | { kind: 'figure'; figure: PlotlyFigure; stdout?: string | null; stdout_cut?: boolean; rows?: number }
  | { kind: 'table'; columns: Column[]; rows: Row[]; total_rows: number }
  | { kind: 'text'; html: string };

export interface RenderLine {
  component: string;
  status: 'ok' | 'error';
  result?: Result;
  problem?: Problem;
  versions?: Record<string, number | null>;
  cached?: boolean;
  truncated?: boolean;
  duration_ms?: number;
}

export interface Preview {
  result: Result;
  versions?: Record<string, number | null>;
  cached?: boolean;
  truncated?: boolean;
  duration_ms?: number;
}

export interface CodeCheck {
  line: number;
  column: number;
  end_line?: number;
  end_column?: number;
  message: string;
  code: 'syntax' | 'refused';
}

export interface AuditEvent {
  id: string;
  seq: number;
  at: string;
  type: string;
  outcome: 'allowed' | 'denied' | 'failed' | 'done' | string;
  actor: { kind: string; id?: string; service?: string; name?: string };
  project?: string | null;
  target?: { kind: string; id: string } | null;
  address?: string | null;
  request_id?: string | null;
  because?: unknown;
  details?: unknown;
}

export interface Status {
  version: string;
  code_mode: {
    on: boolean;
    reason?: string | null;
    layers: { name: string; active: boolean; detail?: string | null }[];
    python: string;
    workers: number;
    running: number;
    waiting: number;
    queue: number;
    /** By how they ended: `done`, or the code of the error. */
    runs: Record<string, number>;
  };
  demo: { state: 'none' | 'running' | 'done' | 'failed'; rows_done?: number; rows_total?: number };
}
