import { Button } from '@mantine/core';
import { IconVolume } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useText } from '../i18n/use-text.ts';

/** Plays the far end; when the browser refuses to sound unasked, offers the click that it wants. */
export function RemoteAudio({ stream }: { readonly stream: MediaStream | undefined }) {
  const { t } = useText();
  const audio = useRef<HTMLAudioElement>(null);
  const [isBlocked, setBlocked] = useState(false);

  const play = (): void => {
    audio.current?.play().then(
      () => setBlocked(false),
      // An element that got another stream meanwhile aborts; only a refusal asks for a click.
      (cause: unknown) => setBlocked(cause instanceof DOMException && cause.name === 'NotAllowedError'),
    );
  };

  useEffect(() => {
    if (!audio.current) return;
    audio.current.srcObject = stream ?? null;
    if (stream) play();
  }, [stream]);

  return (
    <>
      <audio ref={audio} autoPlay data-testid="remote-audio" />
      {isBlocked && stream && <Button color="yellow" leftSection={<IconVolume size={18} />} onClick={play}>{t('phone.enable-sound')}</Button>}
    </>
  );
}
