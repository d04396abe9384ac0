import { notifications } from '@mantine/notifications';
import { useCallback } from 'react';
import { useText } from '../i18n/use-text.ts';
import type { LiveRequest } from '../live/live-connection.ts';
import { useLiveConnection } from '../live/live-context.tsx';
import { sayThrown } from '../words/say-fault.ts';

/** Asks something of the server and shows its refusal. @returns whether it was done; never rejects. */
export function useAsk(): (request: LiveRequest) => Promise<boolean> {
  const connection = useLiveConnection();
  const { t } = useText();
  return useCallback(async (request) => {
    try {
      await connection.request(request);
      return true;
    } catch (cause) {
      notifications.show({ color: 'red', message: sayThrown(cause, t), withCloseButton: true, closeButtonProps: { 'aria-label': t('app.close') } });
      return false;
    }
  }, [connection, t]);
}
