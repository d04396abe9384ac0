import { Badge, Button, Paper, Table, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { InteractionSummary } from '../../server/model/interaction.ts';
import { useInteractions } from '../api/queries.ts';
import { formatPhoneNumber } from '../format/phone-number.ts';
import { useText } from '../i18n/use-text.ts';
import { sayThrown } from '../words/say-fault.ts';
import { sayWord } from '../words/say-word.ts';

const PAGE = 25;
const MOST = 200;
const REFRESH_MS = 5_000;

/** The latest interactions of the centre; each opens its details. */
export function RecentInteractions({ onOpen }: { readonly onOpen: (interactionId: string) => void }) {
  const { t } = useText();
  const [limit, setLimit] = useState(PAGE);
  const list = useInteractions({ limit, refetchEveryMs: REFRESH_MS });
  return (
    <Paper component="section" withBorder p="md" aria-label={t('wall.recent')}>
      <Text component="h2" fw={600} size="sm" mb="xs">{t('wall.recent')}</Text>
      {list.isError && <Text size="sm" c="red">{sayThrown(list.error, t)}</Text>}
      {list.data?.length === 0 && <Text size="sm" c="dimmed">{t('recent.none')}</Text>}
      {list.data && list.data.length > 0 && (
        <Table.ScrollContainer minWidth={560}>
          <Table verticalSpacing={6} highlightOnHover className="wall-table">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('wall.when')}</Table.Th><Table.Th>{t('wall.caller')}</Table.Th><Table.Th>{t('pop.intent')}</Table.Th><Table.Th>{t('wall.agent')}</Table.Th>
                <Table.Th ta="end">{t('wall.wait')}</Table.Th><Table.Th ta="end">{t('wall.talk')}</Table.Th><Table.Th>{t('wall.outcome')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{list.data.map((one) => <InteractionRow key={one.interactionId} one={one} onOpen={onOpen} />)}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {list.data?.length === limit && limit < MOST && (
        <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setLimit(Math.min(MOST, limit + PAGE))}>{t('wall.more')}</Button>
      )}
    </Paper>
  );
}

function InteractionRow({ one, onOpen }: { readonly one: InteractionSummary; readonly onOpen: (interactionId: string) => void }) {
  const { t, f } = useText();
  const who = one.customerName ?? (one.callingNumber?.startsWith('+') ? formatPhoneNumber(one.callingNumber) : t('interaction.unknown'));
  return (
    <Table.Tr className="clickable" onClick={() => onOpen(one.interactionId)} data-testid="interaction-row" data-call-id={one.interactionId}>
      <Table.Td className="keeps-line">{f.dateTime(one.startedAt)}</Table.Td>
      <Table.Td><UnstyledButton className="row-link" aria-label={t('detail.open', { who })}><bdi>{who}</bdi></UnstyledButton></Table.Td>
      <Table.Td>{one.intent !== undefined ? sayWord('intent', one.intent, t) : one.channel === 'voice' ? '–' : t(`channel.${one.channel}`)}</Table.Td>
      <Table.Td>{one.agentName === undefined ? '–' : <bdi>{one.agentName}</bdi>}</Table.Td>
      <Table.Td ta="end">{one.waitMs === undefined ? '–' : f.span(one.waitMs)}</Table.Td>
      <Table.Td ta="end">{one.talkMs === undefined ? '–' : f.span(one.talkMs)}</Table.Td>
      <Table.Td><Outcome one={one} /></Table.Td>
    </Table.Tr>
  );
}

function Outcome({ one }: { readonly one: InteractionSummary }) {
  const { t } = useText();
  if (one.endedAt === undefined) return <Badge size="sm" className="whole" variant="light" color="blue">{t('interaction.in-progress')}</Badge>;
  if (one.talkMs !== undefined) return <Badge size="sm" className="whole" variant="light" color="teal">{t('exit.answered')}</Badge>;
  const result = one.termination?.result;
  // A letter or a visit has neither an answer nor an end.
  if (result === undefined) return <>–</>;
  if (result === 'interrupted' || result === 'failed') return <Badge size="sm" className="whole" variant="light" color="red">{t(result === 'failed' ? 'ended-by.failed' : 'exit.interrupted')}</Badge>;
  return one.waitMs === undefined
    ? <Badge size="sm" className="whole" variant="light" color="gray">{t(result === 'refused' ? 'ended-by.refused' : 'exit.in-menu')}</Badge>
    : <Badge size="sm" className="whole" variant="light" color="orange">{t('exit.abandoned')}</Badge>;
}
