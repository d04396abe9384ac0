import { Alert, Anchor, Button, Center, Group, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconHeadset, IconMicrophone, IconMicrophoneOff, IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { useText } from '../i18n/use-text.ts';
import { navigate } from '../routes.ts';
import { Brand } from '../ui/brand.tsx';
import { Elapsed } from '../ui/elapsed.tsx';
import { Keypad } from '../ui/keypad.tsx';
import { LanguageSwitch } from '../ui/language-switch.tsx';
import { LevelBar } from '../ui/level-bar.tsx';
import { RemoteAudio } from '../ui/remote-audio.tsx';
import { ThemeSwitch } from '../ui/theme-switch.tsx';
import { sayFault } from '../words/say-fault.ts';
import { useGuestPhone, type GuestPhone, type GuestStage } from './use-guest-phone.ts';

const STAGE_TEXTS = {
  idle: 'call-us.lead', preparing: 'call-us.preparing', calling: 'call-us.calling', 'in-call': 'call-us.connected', ended: 'call-us.ended',
} as const satisfies Record<GuestStage, string>;

/** Where anybody calls the centre from a browser, without signing in. */
export function CallUsPage() {
  const { t } = useText();
  const guest = useGuestPhone();
  const isBusy = guest.stage === 'preparing' || guest.stage === 'calling' || guest.stage === 'in-call';
  return (
    <div className="sign-in">
      <Group justify="space-between" p="md" gap="xs">
        <Brand />
        <Group gap="xs"><LanguageSwitch /><ThemeSwitch /></Group>
      </Group>
      <Center component="main" className="sign-in__main" p="md">
        <Paper withBorder shadow="sm" p={{ base: 'md', xs: 'xl' }} radius="lg" w="100%" maw={420}>
          <Stack gap="md" align="stretch" mih={440} justify="space-between">
            <Stack gap="xs" align="center">
              <ThemeIcon size={64} radius="xl" variant="light"><IconHeadset size={34} /></ThemeIcon>
              <Title order={1} size="h2">{t('call-us.title')}</Title>
              <Text ta="center" c={guest.stage === 'in-call' ? 'teal' : 'dimmed'} fw={isBusy ? 600 : 400} role="status" data-testid="call-us-state" data-state={guest.stage}>
                {guest.stage === 'ended' && guest.fault !== undefined ? t('ending.failed') : t(STAGE_TEXTS[guest.stage])}
              </Text>
            </Stack>
            {guest.stage === 'in-call' ? <GuestCall guest={guest} /> : <BeforeCall guest={guest} isBusy={isBusy} />}
            <RemoteAudio stream={guest.view.remoteStream} />
          </Stack>
        </Paper>
      </Center>
      {!isBusy && (
        <Center pb="md">
          <Anchor size="sm" c="dimmed" href="/" onClick={(event) => { event.preventDefault(); navigate('/'); }}>{t('call-us.sign-in')}</Anchor>
        </Center>
      )}
    </div>
  );
}

function BeforeCall({ guest, isBusy }: { readonly guest: GuestPhone; readonly isBusy: boolean }) {
  const { t } = useText();
  const { fault } = guest;
  return (
    <Stack gap="md">
      {fault !== undefined && guest.stage === 'ended' && (
        <Alert color="red" role="alert" data-testid="call-us-fault" data-code={fault}>{fault === 'call-us-closed' ? t('call-us.closed') : sayFault(fault, t)}</Alert>
      )}
      <Group gap="xs" wrap="nowrap" align="flex-start" c="dimmed">
        <IconMicrophone size={18} className="keeps" aria-hidden />
        <Text size="sm">{t('call-us.microphone')}</Text>
      </Group>
      {isBusy
        ? <Button size="lg" color="red" leftSection={<IconPhoneOff size={20} />} onClick={guest.hangUp} data-testid="call-us-hang-up">{t('phone.hang-up')}</Button>
        : <Button size="lg" px="sm" color="green.9" autoContrast={false} leftSection={<IconPhone size={20} />} onClick={guest.start} data-testid="call-us-start">{t(guest.stage === 'ended' ? 'call-us.again' : 'call-us.start')}</Button>}
    </Stack>
  );
}

function GuestCall({ guest }: { readonly guest: GuestPhone }) {
  const { t } = useText();
  const { phone, view } = guest;
  const since = view.state.name === 'in-call' ? view.state.since : undefined;
  return (
    <Stack gap="sm">
      <Text ta="center" size="xl" fw={600} data-testid="call-timer">{since !== undefined && <Elapsed since={since} aria-label={t('phone.talk-time')} />}</Text>
      <Group gap="xs" wrap="nowrap">
        <IconMicrophone size={16} aria-hidden /><div className="grows"><LevelBar stream={view.localStream} label={t('phone.microphone-level')} /></div>
      </Group>
      <Text size="xs" c="dimmed" ta="center">{t('call-us.keypad-hint')}</Text>
      <Keypad onDigit={(digit) => void phone.sendDigit(digit)} />
      <Group grow>
        <Button variant={view.isMuted ? 'filled' : 'default'} color="yellow" aria-pressed={view.isMuted} leftSection={view.isMuted ? <IconMicrophoneOff size={18} /> : <IconMicrophone size={18} />} onClick={() => phone.setMuted(!view.isMuted)} data-testid="mute">
          {t(view.isMuted ? 'phone.unmute' : 'phone.mute')}
        </Button>
        <Button color="red" leftSection={<IconPhoneOff size={18} />} onClick={guest.hangUp} data-testid="call-us-hang-up">{t('phone.hang-up')}</Button>
      </Group>
    </Stack>
  );
}
