import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconMicrophone } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { AppError } from '../../server/base/app-error.ts';
import { useText } from '../i18n/use-text.ts';
import { closeStream, openMicrophone } from '../phone/microphone.ts';
import { LevelBar } from '../ui/level-bar.tsx';
import { sayFault } from '../words/say-fault.ts';

/** Tries the microphone before the first call: asks the browser for it, and shows that it hears. */
export function MicrophoneCheck() {
  const { t } = useText();
  const [isChecking, setChecking] = useState(false);
  const [fault, setFault] = useState<string>();

  const start = (): void => {
    setFault(undefined);
    setChecking(true);
  };
  const stop = (code?: string): void => {
    setFault(code);
    setChecking(false);
  };

  return (
    <Stack gap={6} w="100%" mih={76} justify="flex-start">
      {isChecking ? <RunningCheck onStop={stop} /> : (
        <>
          {fault !== undefined && <Alert color="red" p="xs"><Text size="xs">{sayFault(fault, t)}</Text></Alert>}
          <Button size="compact-sm" variant="subtle" leftSection={<IconMicrophone size={14} />} onClick={start}>{t('phone.check-microphone')}</Button>
        </>
      )}
    </Stack>
  );
}

/** Holds the microphone exactly as long as it is shown. */
function RunningCheck({ onStop }: { readonly onStop: (fault?: string) => void }) {
  const { t } = useText();
  const [stream, setStream] = useState<MediaStream>();
  useEffect(() => {
    let isOver = false;
    let opened: MediaStream | undefined;
    openMicrophone().then(
      (microphone) => {
        opened = microphone;
        if (isOver) closeStream(microphone);
        else setStream(microphone);
      },
      (cause: unknown) => {
        if (!isOver) onStop(cause instanceof AppError ? cause.code : 'phone.microphone-failed');
      },
    );
    return () => {
      isOver = true;
      closeStream(opened);
    };
    // Opened once; a new `onStop` is the same question.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <>
      <Text size="xs" c="dimmed" ta="center">{t('phone.microphone-fine')}</Text>
      <LevelBar stream={stream} label={t('phone.microphone-level')} />
      <Button size="compact-sm" variant="subtle" onClick={() => onStop()}>{t('phone.stop-check')}</Button>
    </>
  );
}
