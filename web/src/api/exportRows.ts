/** Rows as a file, which the server sends while it makes it: however many they are, the page holds none of them. */
import { address, path } from './client';
import { queryRows } from './queries';
import type { Filter } from './types';

export type FileFormat = 'csv' | 'parquet' | 'arrow' | 'jsonl';

export interface Selection {
  filters?: Filter[];
  filter?: string;
  columns?: string[];
  version?: number;
}

export function exportAddress(project: string, collection: string, format: FileFormat, rows: Selection): string {
  return address(path`/projects/${project}/collections/${collection}/export`, {
    format,
    version: rows.version,
    filter: rows.filter,
    filters: rows.filters?.length ? JSON.stringify(rows.filters) : undefined,
    columns: rows.columns?.length ? JSON.stringify(rows.columns) : undefined,
  });
}

/**
 * Saves rows as a file and says how many they are. The same question is asked without any row first: what a browser
 * fails to download it does not explain.
 */
export async function saveRows(project: string, collection: string, format: FileFormat, rows: Selection): Promise<number> {
  const { columns: _all, ...conditions } = rows;
  const { total_rows, version } = await queryRows(project, collection, { ...conditions, limit: 0 });
  const link = document.createElement('a');
  // The version that was counted, also when another one comes in between.
  link.href = exportAddress(project, collection, format, { ...rows, version: version ?? undefined });
  link.download = '';
  link.click();
  return total_rows;
}
