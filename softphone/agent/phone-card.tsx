import { Alert, Badge, Group, Paper, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconHeadset, IconPhoneOff } from '@tabler/icons-react';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import { sayFault } from '../words/say-fault.ts';
import { PHONE_COLORS } from '../ui/state-colors.ts';
import { ActiveCall } from './active-call.tsx';
import { AudioSettings } from './audio-settings.tsx';
import { MicrophoneCheck } from './microphone-check.tsx';
import { RingingCall } from './ringing-call.tsx';
import type { AgentPhone } from './use-agent-phone.ts';

/** What a {@link PhoneCard} shows. */
export interface PhoneCardProps {
  readonly agentPhone: AgentPhone;
  /** Whom the agent took the caller for. */
  readonly chosenId: string | undefined;
}

/** The softphone; its height is the same in every state, so that nothing jumps when it rings. */
export function PhoneCard({ agentPhone, chosenId }: PhoneCardProps) {
  const { t } = useText();
  const { view: { state }, isElsewhere } = agentPhone;
  return (
    <Paper component="section" withBorder p="md" className="phone-card" aria-label={t('phone.title')}>
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <Text fw={600} size="sm">{t('phone.title')}</Text>
        <Group gap={4} wrap="nowrap">
          <Badge variant="light" color={isElsewhere ? 'gray' : PHONE_COLORS[state.name]} data-testid="phone-state" data-state={state.name} aria-live="polite">{t(isElsewhere ? 'phone.elsewhere' : `phone.${state.name}`)}</Badge>
          <AudioSettings />
        </Group>
      </Group>
      <div className="phone-card__body"><PhoneBody agentPhone={agentPhone} chosenId={chosenId} /></div>
    </Paper>
  );
}

function PhoneBody({ agentPhone, chosenId }: PhoneCardProps) {
  const { t } = useText();
  const { phone, view, isElsewhere } = agentPhone;
  const { state } = view;
  if (isElsewhere) return <Alert color="yellow">{t('phone.other-tab')}</Alert>;
  switch (state.name) {
    case 'ringing':
    case 'answering':
      return <RingingCall phone={phone} state={state} chosenId={chosenId} isSilent={view.isRingSilent} />;
    case 'in-call':
      return <ActiveCall phone={phone} state={state} chosenId={chosenId} view={view} />;
    case 'ended':
      return (
        <Stack align="center" justify="center" gap="xs" h="100%" role="status">
          <ThemeIcon size={48} radius="xl" variant="light" color={state.how === 'failed' ? 'red' : 'gray'}><IconPhoneOff size={24} /></ThemeIcon>
          <Text fw={600} ta="center">{t(`ending.${state.how}`)}</Text>
          {state.how === 'failed' && <Text size="sm" ta="center" c="red">{sayFault(state.reason, t)}</Text>}
        </Stack>
      );
    case 'disconnected':
    case 'registering':
    case 'registered':
    case 'dialling':
      return (
        <Stack align="center" justify="center" gap="sm" h="100%">
          <ThemeIcon size={48} radius="xl" variant="light" color={state.name === 'registered' ? 'teal' : 'gray'}><IconHeadset size={26} /></ThemeIcon>
          {state.name === 'registered' ? <ReadyNotice /> : <Text fw={600}>{t(`phone.${state.name}`)}</Text>}
          {state.name === 'disconnected' && state.attempt > 0 && (
            <Text size="sm" c="red" ta="center">{t('phone.retrying', { reason: sayFault(state.reason, t) })}</Text>
          )}
          <MicrophoneCheck />
        </Stack>
      );
  }
}

/** Whether calls come: the phone alone cannot tell. */
function ReadyNotice() {
  const { t } = useText();
  const isWaiting = useLiveItem('my-state', 'me')?.state === 'available';
  return (
    <>
      <Text fw={600}>{t(isWaiting ? 'phone.idle' : 'phone.standing-by')}</Text>
      <Text size="sm" c="dimmed" ta="center">{t(isWaiting ? 'phone.idle-hint' : 'phone.standing-by-hint')}</Text>
    </>
  );
}
