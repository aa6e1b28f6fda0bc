/** Uploads with bytes counted as they leave; only XMLHttpRequest reports that in every browser. */
import { address, path } from './client';
import { ApiError, unreachable } from './problem';
import { endSession, refreshSession } from './session';
import { viewAsHeaders } from './viewAs';
import type { Column, Problem, UploadPreview, UploadResult } from './types';

export interface UploadRequest {
  project: string;
  collection: string;
  files: File[];
  mode: 'append' | 'overwrite' | 'upsert';
  /** For an upsert: the key's column. */
  key?: string;
  schema?: Column[];
  dryRun?: boolean;
  /** The sheet of a workbook; the first one when absent. */
  sheet?: string;
  /** Rows that do not fit go into a report instead of refusing the upload. */
  setAside?: boolean;
  /** More markers of a missing value, separated by commas. */
  missing?: string;
  onProgress?: (sent: number, total: number) => void;
  signal?: AbortSignal;
}

function post(request: UploadRequest): Promise<XMLHttpRequest> {
  const route = path`/projects/${request.project}/collections/${request.collection}/uploads`;
  const form = new FormData();
  // The schema goes first: the server streams the files and must know the types before the first row.
  if (request.schema) form.append('schema', JSON.stringify(request.schema));
  for (const file of request.files) form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', address(route, {
      mode: request.mode,
      key: request.mode === 'upsert' ? request.key : undefined,
      dry_run: request.dryRun ? true : undefined,
      sheet: request.sheet,
      bad_rows: request.setAside ? 'set_aside' : undefined,
      missing: request.missing,
    }));
    xhr.setRequestHeader('accept', 'application/json');
    for (const [name, value] of Object.entries(viewAsHeaders(route))) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => request.onProgress?.(event.loaded, event.total);
    xhr.onload = () => resolve(xhr);
    xhr.onerror = () => reject(new ApiError(unreachable, true));
    xhr.onabort = () => reject(new DOMException('Cancelled', 'AbortError'));
    request.signal?.addEventListener('abort', () => xhr.abort(), { once: true });
    xhr.send(form);
  });
}

export async function upload<T extends UploadResult | UploadPreview>(request: UploadRequest): Promise<T> {
  let xhr = await post(request);
  if (xhr.status === 401) {
    if (await refreshSession()) xhr = await post(request);
    if (xhr.status === 401) endSession(false);
  }
  let body: unknown;
  try {
    body = JSON.parse(xhr.responseText);
  } catch {
    body = { title: `The server answered ${xhr.status}`, status: xhr.status };
  }
  if (xhr.status < 200 || xhr.status >= 300) throw new ApiError({ ...(body as Problem), status: xhr.status });
  return body as T;
}
