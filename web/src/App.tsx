/** Providers, and the one reaction to a session that ended: sign in, then back to the same place. */
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { safeNext } from './account/next';
import { retryRead } from './api/queries';
import { onSessionEnd } from './api/session';
import { makeRouter } from './router';
import { theme } from './theme';

const scheme = localStorageColorSchemeManager({ key: 'depictio.theme' });

export function App() {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { retry: retryRead, staleTime: 15_000, refetchOnWindowFocus: true } } }),
  );
  const [router] = useState(() => makeRouter(client));

  useEffect(
    () =>
      onSessionEnd(() => {
        const here = router.state.location;
        if (here.pathname === '/login') return;
        client.clear();
        const next = safeNext(here.href);
        void router.navigate({ to: '/login', search: next === '/projects' ? {} : { next } });
      }),
    [client, router],
  );

  return (
    <MantineProvider theme={theme} colorSchemeManager={scheme} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
