import { Alert, Button, CopyButton, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { clearDraft, findLeftOver } from './draft.ts';

/** A note whose wrap-up ended before it reached the server: the agent takes it elsewhere or gives it up. */
export function LeftOverNote() {
  const { t } = useText();
  const [draft, setDraft] = useState(() => findLeftOver(sessionStorage));
  if (!draft) return null;
  const discard = (): void => {
    clearDraft(sessionStorage, draft.callId);
    setDraft(findLeftOver(sessionStorage));
  };
  return (
    <Alert color="orange" p="xs" mb="xs" icon={<IconAlertTriangle />} data-testid="left-over-note">
      <Text size="xs">{t('wrap-up.left-over')}</Text>
      <Text size="sm" my={6} lineClamp={6} className="note"><bdi>{draft.note}</bdi></Text>
      <Group gap="xs">
        <CopyButton value={draft.note}>
          {({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{t(copied ? 'wrap-up.copied' : 'wrap-up.copy')}</Button>}
        </CopyButton>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={discard}>{t('wrap-up.discard')}</Button>
      </Group>
    </Alert>
  );
}
