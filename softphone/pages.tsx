import { Anchor, Center, Loader, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { sessionQuery } from './api/queries.ts';
import { useText } from './i18n/use-text.ts';
import { navigate, usePage } from './routes.ts';
import { SignInPage } from './sign-in/sign-in-page.tsx';

const AgentDesk = lazy(async () => ({ default: (await import('./agent/agent-desk.tsx')).AgentDesk }));
const SupervisorPage = lazy(async () => ({ default: (await import('./supervisor/supervisor-page.tsx')).SupervisorPage }));
const CallUsPage = lazy(async () => ({ default: (await import('./call-us/call-us-page.tsx')).CallUsPage }));

/** The page that the address names, for who is signed in. */
export function Pages() {
  const page = usePage();
  return (
    <Suspense fallback={<Loading />}>
      {page === 'call-us' ? <CallUsPage /> : page === 'not-found' ? <NotFound /> : <Desk isSupervision={page === 'supervisor'} />}
    </Suspense>
  );
}

function Desk({ isSupervision }: { readonly isSupervision: boolean }) {
  const { t } = useText();
  const session = useQuery(sessionQuery);
  const queries = useQueryClient();
  const [isOver, setOver] = useState(false);
  const role = session.data?.role;

  const onSignedOut = useCallback(() => {
    setOver(true);
    queries.clear();
    queries.setQueryData(sessionQuery.queryKey, null);
  }, [queries]);

  useEffect(() => {
    if (role === 'agent' && isSupervision) navigate('/');
  }, [role, isSupervision]);

  if (session.isPending) return <Loading />;
  if (session.isError) return <SignInPage notice={t('sign-in.unreachable')} />;
  if (!session.data) return <SignInPage {...(isOver ? { notice: t('app.session-over') } : {})} />;
  return session.data.role === 'agent'
    ? <AgentDesk session={session.data} onSignedOut={onSignedOut} />
    : <SupervisorPage session={session.data} onSignedOut={onSignedOut} />;
}

function Loading() {
  const { t } = useText();
  return <Center mih="100vh"><Loader aria-label={t('app.loading')} /></Center>;
}

function NotFound() {
  const { t } = useText();
  return (
    <Center mih="100vh">
      <Stack align="center">
        <Text size="lg">{t('app.not-found')}</Text>
        <Anchor href="/" onClick={(event) => { event.preventDefault(); navigate('/'); }}>{t('app.home')}</Anchor>
      </Stack>
    </Center>
  );
}
