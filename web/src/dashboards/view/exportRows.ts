/** The rows behind a component as CSV, all of them. */
import { saveRows } from '@/api/exportRows';
import { filtersFor } from '@/api/queries';
import type { Component, Filter } from '@/api/types';
import { plural } from '@/parts/format';
import { done, failed } from '@/parts/notify';

export async function exportRows(project: string, component: Component, filters: Filter[]): Promise<void> {
  const { content } = component;
  if (content.kind === 'text') return;
  try {
    const rows = await saveRows(project, content.collection, 'csv', {
      filters: filtersFor(content.collection, filters),
      ...(content.version ? { version: content.version } : {}),
      ...(content.kind === 'table' && content.columns?.length ? { columns: content.columns } : {}),
    });
    done(`${plural(rows, 'row')} are being saved`);
  } catch (error) {
    failed('The rows could not be saved', error);
  }
}
