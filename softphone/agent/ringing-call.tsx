import { Alert, Progress, Stack, Text } from '@mantine/core';
import { IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { formatPhoneNumber } from '../format/phone-number.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import { useNow } from '../live/now.ts';
import type { PhoneState } from '../phone/phone-machine.ts';
import type { SipPhone } from '../phone/sip-phone.ts';
import { HintButton } from '../ui/hint-button.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { useCallerName } from './use-caller-name.ts';

/** What a ringing phone shows. */
export interface RingingCallProps {
  readonly phone: SipPhone;
  readonly state: Extract<PhoneState, { name: 'ringing' | 'answering' }>;
  /** Whom the agent took the caller for. */
  readonly chosenId: string | undefined;
  readonly isSilent: boolean;
}

/** A call that rings: who it is, how long it will, and the two answers to it. */
export function RingingCall({ phone, state, chosenId, isSilent }: RingingCallProps) {
  const { t } = useText();
  const { call } = state;
  const name = useCallerName(call.name, chosenId);
  const isAnswering = state.name === 'answering';
  const answer = (): void => phone.answer();
  const reject = (): void => phone.reject();
  useShortcuts({ answer, reject });
  return (
    <Stack justify="space-between" h="100%" data-testid="ring" data-ringing-at={state.name === 'ringing' ? state.ringingAt : undefined} data-call-id={call.callId} data-offer-id={call.offerId}>
      <Stack gap={4} align="center" role="alert" className={isAnswering ? undefined : 'ringing'}>
        <Text size="sm" c="dimmed">{t('phone.incoming')}</Text>
        <Text fw={700} size="xl" ta="center" lineClamp={2}><bdi>{name}</bdi></Text>
        <CallerNumber number={call.number} />
      </Stack>
      {isSilent && <Alert color="yellow" p="xs"><Text size="xs">{t('phone.silent-ring')}</Text></Alert>}
      {state.name === 'ringing' && <RingCountdown ringingAt={state.ringingAt} />}
      <Stack gap="xs">
        <HintButton shortcut="answer" size="md" fullWidth color="green.9" autoContrast={false} loading={isAnswering} leftSection={<IconPhone size={20} />} onClick={answer} data-testid="answer">{t('phone.answer')}</HintButton>
        <HintButton shortcut="reject" size="md" fullWidth color="red" variant="light" disabled={isAnswering} leftSection={<IconPhoneOff size={20} />} onClick={reject} data-testid="reject">{t('phone.reject')}</HintButton>
      </Stack>
    </Stack>
  );
}

/** The number of a caller, read from left to right in every script. */
export function CallerNumber({ number }: { readonly number: string }) {
  const { t } = useText();
  if (number === 'anonymous' || number === '') return <Text size="sm" c="dimmed">{t('phone.anonymous')}</Text>;
  // A guest of the call-us page has a name of the machine's making, which says nothing to a person.
  if (!/^\+?\d+$/.test(number)) return <Text size="sm" c="dimmed" title={number}>{t('phone.no-number')}</Text>;
  return <Text size="sm" c="dimmed" dir="ltr">{formatPhoneNumber(number)}</Text>;
}

function RingCountdown({ ringingAt }: { readonly ringingAt: number }) {
  const { t } = useText();
  const ringTimeoutMs = useLiveItem('my-pop', 'pop')?.pop.ringTimeoutMs;
  const now = useNow();
  if (ringTimeoutMs === undefined) return null;
  // The two clocks may differ by a moment.
  const leftMs = Math.min(ringTimeoutMs, Math.max(0, ringTimeoutMs - (now - ringingAt)));
  return (
    <Stack gap={4}>
      <Progress value={(leftMs / ringTimeoutMs) * 100} color={leftMs < 5000 ? 'red' : 'orange'} size="sm" aria-label={t('phone.ringing')} />
      <Text size="xs" c="dimmed" ta="center">{t('phone.rings-for', { seconds: Math.ceil(leftMs / 1000) })}</Text>
    </Stack>
  );
}
