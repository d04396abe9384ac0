import { ActionIcon, Popover, Stack, Switch, Text } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { readAudioPreferences, writeAudioPreferences, type AudioPreferences } from '../phone/audio-preferences.ts';

/** How the browser may treat the microphone. */
export function AudioSettings() {
  const { t } = useText();
  const [preferences, setPreferences] = useState<AudioPreferences>(readAudioPreferences);
  const change = (part: Partial<AudioPreferences>): void => {
    const next = { ...preferences, ...part };
    writeAudioPreferences(next);
    setPreferences(next);
  };
  return (
    <Popover withArrow position="bottom-end" trapFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" title={t('phone.audio-settings')} aria-label={t('phone.audio-settings')}><IconAdjustments size={16} /></ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Switch label={t('phone.noise-suppression')} checked={preferences.noiseSuppression} onChange={(event) => change({ noiseSuppression: event.currentTarget.checked })} />
          <Switch label={t('phone.echo-cancellation')} checked={preferences.echoCancellation} onChange={(event) => change({ echoCancellation: event.currentTarget.checked })} />
          <Switch label={t('phone.auto-gain')} checked={preferences.autoGainControl} onChange={(event) => change({ autoGainControl: event.currentTarget.checked })} />
          <Text size="xs" c="dimmed">{t('phone.audio-settings-hint')}</Text>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
