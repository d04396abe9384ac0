import { Alert, Badge, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import type { Candidate } from '../../server/model/caller-match.ts';
import { useText } from '../i18n/use-text.ts';
import { sayWord } from '../words/say-word.ts';
import { TierBadge } from './tier-badge.tsx';

/** What a {@link CandidateList} offers. */
export interface CandidateListProps {
  readonly candidates: readonly Candidate[];
  readonly chosenId: string | undefined;
  readonly onChoose: (customerId: string) => void;
}

/** The customers who share a number, the likeliest first, each with the reasons for it. */
export function CandidateList({ candidates, chosenId, onChoose }: CandidateListProps) {
  const { t } = useText();
  return (
    <Alert color="blue" icon={<IconUsers />} title={t('pop.several')} p="sm" data-testid="pop-candidates">
      <Text size="xs" mb="xs">{t('pop.several-hint')}</Text>
      <Stack gap={4} role="radiogroup" aria-label={t('pop.several')}>
        {candidates.map(({ customer, reasons }) => (
          <UnstyledButton
            key={customer.customerId} role="radio" aria-checked={customer.customerId === chosenId} className="candidate"
            onClick={() => onChoose(customer.customerId)} data-testid="pop-candidate" data-customer-id={customer.customerId}
          >
            <Group gap="xs" wrap="nowrap" justify="space-between">
              <Text size="sm" fw={600} className="shrinks"><bdi>{customer.displayName}</bdi>{customer.company && <Text span c="dimmed" inherit fw={400}> · <bdi>{customer.company}</bdi></Text>}</Text>
              <Group gap={4} wrap="nowrap" className="keeps">
                {reasons.map((reason) => <Badge key={reason} size="xs" variant="outline" color="gray">{sayWord('match', reason, t)}</Badge>)}
                <TierBadge tier={customer.tier} />
              </Group>
            </Group>
          </UnstyledButton>
        ))}
      </Stack>
    </Alert>
  );
}
