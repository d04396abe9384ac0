import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconDialpad, IconMicrophone, IconMicrophoneOff, IconPhoneOff, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import type { PhoneState } from '../phone/phone-machine.ts';
import type { PhoneView, SipPhone } from '../phone/sip-phone.ts';
import { Elapsed } from '../ui/elapsed.tsx';
import { HintButton } from '../ui/hint-button.tsx';
import { Keypad, type KeypadDigit } from '../ui/keypad.tsx';
import { LevelBar } from '../ui/level-bar.tsx';
import { RemoteAudio } from '../ui/remote-audio.tsx';
import { useAsk } from '../ui/use-ask.ts';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { CallerNumber } from './ringing-call.tsx';
import { useCallerName } from './use-caller-name.ts';

/** What a phone in a call shows. */
export interface ActiveCallProps {
  readonly phone: SipPhone;
  readonly state: Extract<PhoneState, { name: 'in-call' }>;
  /** Whom the agent took the caller for. */
  readonly chosenId: string | undefined;
  readonly view: PhoneView;
}

/** A call in progress: who, how long, and everything that can be done with it. */
export function ActiveCall({ phone, state, chosenId, view }: ActiveCallProps) {
  const { t } = useText();
  const ask = useAsk();
  const live = useLiveItem('my-call', 'call');
  const [isKeypadOpen, setKeypadOpen] = useState(false);
  const call = state.party.direction === 'incoming' ? state.party.call : undefined;
  const callId = live?.callId ?? call?.callId;
  const name = useCallerName(live?.callerName ?? call?.name, chosenId);
  const isOnHold = live?.onHold ?? false;

  const toggleHold = (): void => {
    if (callId !== undefined) void ask({ type: 'hold', callId, on: !isOnHold });
  };
  const toggleMute = (): void => phone.setMuted(!view.isMuted);
  const toggleKeypad = (): void => setKeypadOpen((was) => !was);
  const hangUp = (): void => phone.hangUp();
  const sendDigit = (digit: KeypadDigit): void => {
    // A far end that takes no RFC 4733 keys gets them from the centre.
    if (!phone.sendDigit(digit) && callId !== undefined) void ask({ type: 'send-digit', callId, digit });
  };
  useShortcuts({ hold: toggleHold, mute: toggleMute, keypad: toggleKeypad, 'hang-up': hangUp });
  useLeaveWarning();

  return (
    <Stack justify="space-between" h="100%" gap="xs">
      <RemoteAudio stream={view.remoteStream} />
      <Stack gap={2} align="center">
        <Text fw={700} size="lg" ta="center" lineClamp={1}><bdi>{name}</bdi></Text>
        <CallerNumber number={live?.callerNumber ?? call?.number ?? ''} />
        <Text size="xl" fw={600} data-testid="call-timer"><Elapsed since={live?.startedAt ?? state.since} aria-label={t('phone.talk-time')} /></Text>
      </Stack>
      {isKeypadOpen ? <Keypad onDigit={sendDigit} /> : <CallNotices isOnHold={isOnHold} isMuted={view.isMuted} isOnline={state.online} view={view} />}
      <Stack gap="xs">
        <Group grow gap="xs">
          <HintButton shortcut="hold" size="sm" px={4} variant={isOnHold ? 'filled' : 'default'} color="yellow" aria-pressed={isOnHold} disabled={callId === undefined} leftSection={isOnHold ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />} onClick={toggleHold} data-testid="hold">
            {t(isOnHold ? 'phone.resume' : 'phone.hold')}
          </HintButton>
          <HintButton shortcut="mute" size="sm" px={4} variant={view.isMuted ? 'filled' : 'default'} color="yellow" aria-pressed={view.isMuted} leftSection={view.isMuted ? <IconMicrophoneOff size={16} /> : <IconMicrophone size={16} />} onClick={toggleMute} data-testid="mute">
            {t(view.isMuted ? 'phone.unmute' : 'phone.mute')}
          </HintButton>
        </Group>
        <Group grow gap="xs">
          <HintButton shortcut="keypad" hintSide="bottom" size="sm" px={4} variant={isKeypadOpen ? 'light' : 'default'} aria-expanded={isKeypadOpen} leftSection={<IconDialpad size={16} />} onClick={toggleKeypad} data-testid="keypad">{t('phone.keypad')}</HintButton>
          <HintButton shortcut="hang-up" hintSide="bottom" size="sm" px={4} color="red" leftSection={<IconPhoneOff size={16} />} onClick={hangUp} data-testid="hang-up">{t('phone.hang-up')}</HintButton>
        </Group>
      </Stack>
    </Stack>
  );
}

interface NoticesProps {
  readonly isOnHold: boolean;
  readonly isMuted: boolean;
  readonly isOnline: boolean;
  readonly view: PhoneView;
}

function CallNotices({ isOnHold, isMuted, isOnline, view }: NoticesProps) {
  const { t } = useText();
  return (
    <Stack gap={6} role="status">
      {isOnHold && <Alert color="yellow" p={6} icon={<IconPlayerPause size={16} />}><Text size="sm">{t('phone.on-hold')}</Text></Alert>}
      {isMuted && <Alert color="yellow" p={6} icon={<IconMicrophoneOff size={16} />}><Text size="sm">{t('phone.muted')}</Text></Alert>}
      {!isOnline && <Alert color="red" p={6}><Text size="sm">{t('phone.offline-call')}</Text></Alert>}
      <LevelBar stream={view.remoteStream} label={t('phone.remote-level')} />
    </Stack>
  );
}

/** Asks before a tab with a call in it is closed. */
function useLeaveWarning(): void {
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', onLeave);
    return () => window.removeEventListener('beforeunload', onLeave);
  }, []);
}
