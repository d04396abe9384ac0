import { Badge, Group, Paper, Skeleton, Stack, Table, Text } from '@mantine/core';
import { memo } from 'react';
import type { AgentItem } from '../../server/wire/live-item.ts';
import { useText } from '../i18n/use-text.ts';
import { Elapsed } from '../ui/elapsed.tsx';
import { STATE_COLORS } from '../ui/state-colors.ts';

/** Every agent: in which state, since when, in which queues. */
export function AgentTable({ agents, isKnown }: { readonly agents: readonly AgentItem[]; readonly isKnown: boolean }) {
  const { t, f } = useText();
  const available = agents.filter((agent) => agent.state === 'available').length;
  return (
    <Paper component="section" withBorder p="md" aria-label={t('wall.agents')}>
      <Group justify="space-between" mb="xs">
        <Text component="h2" fw={600} size="sm">{t('wall.agents')}</Text>
        <Badge variant="light" color="green">{t('state.available')}: {f.number(available)}</Badge>
      </Group>
      {!isKnown ? <Stack gap={6}><Skeleton h={28} /><Skeleton h={28} /></Stack>
        : agents.length === 0 ? <Text size="sm" c="dimmed">{t('wall.no-agents')}</Text> : (
          <Table verticalSpacing={6} className="wall-table">
            <Table.Thead>
              <Table.Tr><Table.Th>{t('wall.agent')}</Table.Th><Table.Th>{t('wall.state')}</Table.Th><Table.Th ta="end">{t('wall.since')}</Table.Th></Table.Tr>
            </Table.Thead>
            <Table.Tbody>{agents.map((agent) => <AgentRow key={agent.key} agent={agent} />)}</Table.Tbody>
          </Table>
        )}
    </Paper>
  );
}

/** Drawn anew only when its own agent changed: items keep their identity between frames. */
const AgentRow = memo(function AgentRow({ agent }: { readonly agent: AgentItem }) {
  const { t } = useText();
  return (
    <Table.Tr data-testid={`agent-row-${agent.agentId}`} data-state={agent.state}>
      <Table.Th scope="row" fw={500}>
        <bdi>{agent.name}</bdi>
        <Text size="xs" c="dimmed" fw={400} lh={1.25}><bdi>{agent.queueNames.join(', ')}</bdi></Text>
      </Table.Th>
      <Table.Td className="keeps-line">
        <Badge variant="light" color={STATE_COLORS[agent.state]} className="whole">{t(`state.${agent.state}`)}</Badge>
        {agent.breakReason !== undefined && <Text size="xs" c="dimmed" lh={1.25}>{t(`break.${agent.breakReason}`)}</Text>}
      </Table.Td>
      <Table.Td ta="end">{agent.state === 'offline' ? '–' : <Elapsed since={agent.since} />}</Table.Td>
    </Table.Tr>
  );
});
