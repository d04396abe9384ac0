import { Alert, Badge, Button, Group, Menu, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconCoffee, IconPointFilled } from '@tabler/icons-react';
import type { MyStateItem } from '../../server/wire/live-item.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import { Elapsed } from '../ui/elapsed.tsx';
import { HintButton } from '../ui/hint-button.tsx';
import { STATE_COLORS } from '../ui/state-colors.ts';
import { useAsk } from '../ui/use-ask.ts';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { readDraft } from './draft.ts';

/** Breaks that an agent may choose; the other reasons are the system's. */
const CHOSEN_BREAKS = ['coffee', 'lunch', 'meeting', 'training'] as const;

/** The agent's state since when, and what she may change it to. */
export function StatusControl() {
  const { t } = useText();
  const ask = useAsk();
  const mine = useLiveItem('my-state', 'me');
  const wrapUp = useLiveItem('my-wrap-up', 'wrap-up');

  const goAvailable = (): void => {
    const draft = wrapUp && readDraft(sessionStorage, wrapUp.callId);
    // It would end the wrap-up and leave behind what is written.
    if (draft && (draft.note !== '' || draft.disposition !== '')) notifications.show({ color: 'yellow', message: t('wrap-up.unsaved') });
    else void ask({ type: 'go-available' });
  };
  const isPossible = mine !== undefined && canGoAvailable(mine);
  useShortcuts(isPossible ? { available: goAvailable } : {});

  return (
    <Stack gap="xs">
      <Group gap={8} wrap="nowrap">
        <StateBadge mine={mine} />
        {mine && <Text size="sm" c="dimmed"><Elapsed since={mine.since} /></Text>}
      </Group>
      <Group grow gap="xs">
        <HintButton shortcut="available" hintSide="bottom" size="xs" disabled={!isPossible} onClick={goAvailable} data-testid="status-available">{t('status.go-available')}</HintButton>
        <Menu withArrow position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" disabled={!mine || mine.state === 'offline'} leftSection={<IconCoffee size={14} />} rightSection={<IconChevronDown size={14} />} data-testid="status-break">
              {t('status.go-on-break')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {CHOSEN_BREAKS.map((reason) => (
              <Menu.Item key={reason} onClick={() => void ask({ type: 'go-on-break', reason })} data-testid={`break-${reason}`}>{t(`break.${reason}`)}</Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
      <StatusHint mine={mine} />
    </Stack>
  );
}

/** In a call without other plans she becomes available anyway. */
const canGoAvailable = (mine: MyStateItem): boolean => mine.next !== undefined || mine.state === 'on-break' || mine.state === 'wrap-up';

function StateBadge({ mine }: { readonly mine: MyStateItem | undefined }) {
  const { t } = useText();
  const state = mine?.state ?? 'offline';
  const reason = mine?.breakReason;
  const text = state === 'on-break' && reason !== undefined && reason !== 'signed-in' ? t(`break.${reason}`) : t(`state.${state}`);
  return <Badge size="lg" color={STATE_COLORS[state]} leftSection={<IconPointFilled size={12} />} data-testid="agent-state" data-state={state}>{text}</Badge>;
}

/** What follows, or why she is out of the rotation and how to come back. */
function StatusHint({ mine }: { readonly mine: MyStateItem | undefined }) {
  const { t } = useText();
  if (mine?.next !== undefined) return <Text size="xs" c="dimmed" data-testid="status-next">{t(`status.then-${mine.next}`)}</Text>;
  if (mine?.state !== 'on-break') return null;
  switch (mine.breakReason) {
    case 'rona':
    case 'fault':
      return <Alert color="orange" p="xs"><Text size="xs">{t(`status.${mine.breakReason}-hint`)}</Text></Alert>;
    case 'signed-in':
      return <Text size="xs" c="dimmed">{t('status.signed-in-hint')}</Text>;
    case 'lunch':
    case 'coffee':
    case 'training':
    case 'meeting':
    case undefined:
      return null;
  }
}
