import { Alert, Badge, Button, Group, Menu, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconCoffee, IconPointFilled } from '@tabler/icons-react';
import type { AgentStateName } from '../../server/model/agent-machine.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import { Elapsed } from '../ui/elapsed.tsx';
import { HintButton } from '../ui/hint-button.tsx';
import { STATE_COLORS } from '../ui/state-colors.ts';
import { useAsk } from '../ui/use-ask.ts';
import { useShortcuts } from '../ui/use-shortcuts.ts';

/** Breaks that an agent may choose; the other reasons are the system's. */
const CHOSEN_BREAKS = ['coffee', 'lunch', 'meeting', 'training'] as const;

/** The agent's state since when, and what she may change it to. */
export function StatusControl() {
  const { t } = useText();
  const ask = useAsk();
  const mine = useLiveItem('my-state', 'me');
  const state: AgentStateName = mine?.state ?? 'offline';
  const goAvailable = (): void => void ask({ type: 'go-available' });
  useShortcuts({ available: goAvailable });

  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap">
        <Group gap={6} wrap="nowrap">
          <Badge size="lg" color={STATE_COLORS[state]} leftSection={<IconPointFilled size={12} />} data-testid="agent-state" data-state={state}>
            {state === 'on-break' && mine?.breakReason ? t(`break.${mine.breakReason}`) : t(`state.${state}`)}
          </Badge>
          {mine && <Text size="sm" c="dimmed"><Elapsed since={mine.since} /></Text>}
        </Group>
        {mine?.next && <Badge variant="outline" color="yellow" tt="none">{t(`status.then-${mine.next}`)}</Badge>}
      </Group>
      <Group grow gap="xs">
        <HintButton shortcut="available" size="xs" variant={state === 'available' ? 'light' : 'filled'} disabled={!mine || (state === 'available' && !mine.next)} onClick={goAvailable} data-testid="status-available">
          {t('status.go-available')}
        </HintButton>
        <Menu withArrow position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" disabled={!mine} leftSection={<IconCoffee size={14} />} rightSection={<IconChevronDown size={14} />} data-testid="status-break">
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
      {state === 'on-break' && (mine?.breakReason === 'rona' || mine?.breakReason === 'fault') && (
        <Alert color="orange" p="xs"><Text size="xs">{t(`status.${mine.breakReason}-hint`)}</Text></Alert>
      )}
      {state === 'on-break' && mine?.breakReason === 'signed-in' && <Text size="xs" c="dimmed">{t('status.signed-in-hint')}</Text>}
    </Stack>
  );
}
