/** Providers, and the one reaction to a session that ended: sign in, then back to the same place. */
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { loginSearch } from './account/next';
import { keys, retryRead } from './api/queries';
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
        // Where nobody is in yet, the route that is being opened says what comes next.
        if (here.pathname === '/login' || !client.getQueryData(keys.me)) return;
        client.clear();
        void router.navigate({ to: '/login', search: loginSearch(here.href) });
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
