import { Paper, Text, UnstyledButton } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useInteractions } from '../api/queries.ts';
import { formatPhoneNumber } from '../format/phone-number.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import { joinParts } from '../words/join-parts.ts';
import { sayThrown } from '../words/say-fault.ts';
import { sayWord } from '../words/say-word.ts';

const SHOWN = 12;
/** Enough of the centre's history to find this agent's own last calls in. */
const ASKED = 100;
/** The history is complete within a second after the end of a call. */
const COMPLETE_AFTER_MS = 1_200;

/** The agent's own last calls, each a way back to the customer's file. */
export function RecentCalls({ agentName, onOpen }: { readonly agentName: string; readonly onOpen: (customerId: string) => void }) {
  const { t, f } = useText();
  const queries = useQueryClient();
  const interactions = useInteractions({ limit: ASKED, refetchEveryMs: 60_000 });
  const state = useLiveItem('my-state', 'me')?.state;
  useEffect(() => {
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: ['interactions'] }), COMPLETE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [queries, state]);
  const mine = interactions.data?.filter((one) => one.agentName === agentName).slice(0, SHOWN);

  return (
    <Paper component="section" withBorder p="md" aria-label={t('recent.title')}>
      <Text fw={600} size="sm" mb={4}>{t('recent.title')}</Text>
      {interactions.isError && <Text size="sm" c="red">{sayThrown(interactions.error, t)}</Text>}
      {mine?.length === 0 && <Text size="sm" c="dimmed">{t('recent.none')}</Text>}
      <ul className="file-list">
        {mine?.map((one) => {
          const { customerId } = one;
          const who = one.customerName ?? (one.callingNumber?.startsWith('+') ? formatPhoneNumber(one.callingNumber) : t('interaction.unknown'));
          const line = (
            <>
              <Text size="sm" truncate><bdi>{who}</bdi></Text>
              <Text size="xs" c="dimmed" truncate>
                {joinParts([f.dateTime(one.startedAt), one.talkMs === undefined ? undefined : f.span(one.talkMs), one.intent === undefined ? undefined : sayWord('intent', one.intent, t)])}
              </Text>
            </>
          );
          return (
            <li key={one.interactionId} className="recent-row" data-testid="recent-row" data-call-id={one.interactionId}>
              {customerId === undefined ? line : <UnstyledButton className="recent-row__link" onClick={() => onOpen(customerId)}>{line}</UnstyledButton>}
            </li>
          );
        })}
      </ul>
    </Paper>
  );
}
