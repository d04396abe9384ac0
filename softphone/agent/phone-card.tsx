import { Alert, Badge, Group, Paper, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconHeadset, IconPhoneOff } from '@tabler/icons-react';
import { useText } from '../i18n/use-text.ts';
import { sayFault } from '../words/say-fault.ts';
import { PHONE_COLORS } from '../ui/state-colors.ts';
import { ActiveCall } from './active-call.tsx';
import { AudioSettings } from './audio-settings.tsx';
import { MicrophoneCheck } from './microphone-check.tsx';
import { RingingCall } from './ringing-call.tsx';
import type { AgentPhone } from './use-agent-phone.ts';

/** The softphone; its height is the same in every state, so that nothing jumps when it rings. */
export function PhoneCard({ agentPhone }: { readonly agentPhone: AgentPhone }) {
  const { t } = useText();
  const { state } = agentPhone.view;
  return (
    <Paper component="section" withBorder p="md" className="phone-card" aria-label={t('phone.title')}>
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <Text fw={600} size="sm">{t('phone.title')}</Text>
        <Group gap={4} wrap="nowrap">
          <Badge variant="light" color={PHONE_COLORS[state.name]} data-testid="phone-state" data-state={state.name} aria-live="polite">{t(`phone.${state.name}`)}</Badge>
          <AudioSettings />
        </Group>
      </Group>
      <div className="phone-card__body"><PhoneBody agentPhone={agentPhone} /></div>
    </Paper>
  );
}

function PhoneBody({ agentPhone }: { readonly agentPhone: AgentPhone }) {
  const { t } = useText();
  const { phone, view, isElsewhere } = agentPhone;
  const { state } = view;
  if (isElsewhere) return <Alert color="yellow">{t('phone.other-tab')}</Alert>;
  switch (state.name) {
    case 'ringing':
    case 'answering':
      return <RingingCall phone={phone} state={state} isSilent={view.isRingSilent} />;
    case 'in-call':
      return <ActiveCall phone={phone} state={state} view={view} />;
    case 'ended':
      return (
        <Stack align="center" justify="center" gap="xs" h="100%" role="status">
          <ThemeIcon size={48} radius="xl" variant="light" color={state.how === 'failed' ? 'red' : 'gray'}><IconPhoneOff size={24} /></ThemeIcon>
          <Text fw={600}>{t(`ending.${state.how}`)}</Text>
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
          <Text fw={600}>{t(state.name === 'registered' ? 'phone.idle' : `phone.${state.name}`)}</Text>
          {state.name === 'registered' && <Text size="sm" c="dimmed" ta="center">{t('phone.idle-hint')}</Text>}
          {state.name === 'disconnected' && state.attempt > 0 && (
            <Text size="sm" c="red" ta="center">{t('phone.retrying', { reason: sayFault(state.reason, t) })}</Text>
          )}
          <MicrophoneCheck />
        </Stack>
      );
  }
}
