/** Who comes in: somebody with a session, the one person of a laptop, a visitor of an open project. */
import type { QueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { ApiError } from '@/api/problem';
import { keys, meQuery, projectQuery, registrationQuery } from '@/api/queries';
import { keepAlive } from '@/api/session';
import { setViewAs } from '@/api/viewAs';
import { isVisitor, projectOf, VISITOR } from './visitor';

async function readMe(client: QueryClient): Promise<void> {
  const me = await client.fetchQuery(meQuery);
  keepAlive(me.expires_in);
}

/** After signing in: what was read as a visitor is forgotten. */
export async function enter(client: QueryClient): Promise<void> {
  client.removeQueries({ queryKey: keys.me });
  client.removeQueries({ queryKey: ['project'] });
  await readMe(client);
}

/** Whether the page at this address may be shown; if not, one has to sign in. */
export async function arrive(client: QueryClient, pathname: string): Promise<boolean> {
  const known = client.getQueryData(meQuery.queryKey);
  if (known) return !isVisitor(known) || projectOf(pathname) !== null;
  try {
    await readMe(client);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
  }
  const { single_user } = await client.fetchQuery(registrationQuery);
  if (single_user) {
    await api.post('/auth/single-user');
    await readMe(client);
    return true;
  }
  return visit(client, projectOf(pathname));
}

/** Makes a visitor of whoever asks for an open project. */
async function visit(client: QueryClient, project: string | null): Promise<boolean> {
  if (!project) return false;
  // A session that is over has left nothing to look through.
  setViewAs(null);
  try {
    await client.fetchQuery(projectQuery(project));
  } catch (error) {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return false;
    throw error;
  }
  client.setQueryData(meQuery.queryKey, VISITOR);
  return true;
}
