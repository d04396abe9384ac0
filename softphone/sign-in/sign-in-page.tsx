import { Alert, Anchor, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconAlertCircle, IconPhoneCall } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type SyntheticEvent } from 'react';
import { AppError } from '../../server/base/app-error.ts';
import type { SessionView, SignIn } from '../../server/wire/api.ts';
import { sessionQuery } from '../api/queries.ts';
import { ApiProblem, requestJson } from '../api/request-json.ts';
import type { Translate } from '../i18n/translate.ts';
import { useText } from '../i18n/use-text.ts';
import { navigate } from '../routes.ts';
import { Brand } from '../ui/brand.tsx';
import { LanguageSwitch } from '../ui/language-switch.tsx';
import { ThemeSwitch } from '../ui/theme-switch.tsx';

/** Where everybody who works here begins. `notice` says why one is here again. */
export function SignInPage({ notice }: { readonly notice?: string }) {
  const { t } = useText();
  return (
    <div className="sign-in">
      <Group justify="flex-end" p="md" gap="xs">
        <LanguageSwitch />
        <ThemeSwitch />
      </Group>
      <Center component="main" className="sign-in__main" p="md">
        <Paper withBorder shadow="sm" p="xl" radius="lg" w="100%" maw={400}>
          <Stack gap="lg">
            <Stack gap={6}>
              <Brand size={36} />
              <Title order={1} size="h3" mt="sm">{t('sign-in.title')}</Title>
              <Text c="dimmed" size="sm">{t('sign-in.subtitle')}</Text>
            </Stack>
            <SignInForm notice={notice} />
            <Anchor size="sm" ta="center" href="/call-us" onClick={(event) => { event.preventDefault(); navigate('/call-us'); }}>
              <Group gap={6} justify="center"><IconPhoneCall size={16} aria-hidden />{t('sign-in.call-us')}</Group>
            </Anchor>
          </Stack>
        </Paper>
      </Center>
    </div>
  );
}

function SignInForm({ notice }: { readonly notice: string | undefined }) {
  const { t } = useText();
  const queries = useQueryClient();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [isChecked, setChecked] = useState(false);
  const signIn = useMutation({
    mutationFn: (body: SignIn) => requestJson<SessionView>('/api/session', { method: 'POST', body }),
    onSuccess: (session) => queries.setQueryData(sessionQuery.queryKey, session),
    onError: (cause) => setWaitS(cause instanceof ApiProblem ? (cause.retryAfterS ?? 0) : 0),
  });
  const [waitS, setWaitS] = useCountdown();

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (username.trim() !== '' && password !== '' && waitS === 0) signIn.mutate({ username: username.trim(), password });
  };
  const problem = signIn.error ? saySignInProblem(signIn.error, waitS, t) : notice;

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem !== undefined && (
          <Alert color={signIn.error ? 'red' : 'yellow'} icon={<IconAlertCircle />} role="alert" data-testid="sign-in-problem">{problem}</Alert>
        )}
        <TextInput
          label={t('sign-in.username')} value={username} onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus maxLength={128} data-testid="sign-in-username" dir="ltr"
          error={isChecked && username.trim() === '' ? t('sign-in.missing') : undefined}
        />
        <PasswordInput
          label={t('sign-in.password')} value={password} onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password" maxLength={256} data-testid="sign-in-password"
          error={isChecked && password === '' ? t('sign-in.missing') : undefined}
        />
        <Button type="submit" fullWidth size="md" loading={signIn.isPending} disabled={waitS > 0} data-testid="sign-in-submit">{t('sign-in.submit')}</Button>
      </Stack>
    </form>
  );
}

/** Why signing in failed and what to do. */
function saySignInProblem(error: Error, waitS: number, t: Translate): string | undefined {
  if (error instanceof ApiProblem) {
    if (error.status === 401) return t('sign-in.wrong');
    if (error.retryAfterS !== undefined && error.status === 429) return waitS > 0 ? t('sign-in.wait', { count: waitS }) : t('sign-in.again');
    return t('sign-in.failed', { reason: error.message });
  }
  return error instanceof AppError ? t('sign-in.unreachable') : t('sign-in.failed', { reason: error.message });
}

/** Seconds that are left, counted down to 0 once set. */
function useCountdown(): readonly [number, (seconds: number) => void] {
  const [seconds, setSeconds] = useState(0);
  const isRunning = seconds > 0;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setSeconds((left) => Math.max(0, left - 1)), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return [seconds, setSeconds];
}
