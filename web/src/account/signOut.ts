import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { endSession } from '@/api/session';
import { setViewAs } from '@/api/viewAs';

/** Ends the session on the server and in every tab, and forgets what was read. */
export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await api.post('/auth/logout').catch(() => undefined);
    setViewAs(null);
    client.clear();
    endSession(true);
    await navigate({ to: '/login', search: {} });
  };
}
