import { Alert, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconUserOff, IconUserQuestion } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import type { ScreenPop } from '../../server/model/screen-pop.ts';
import { useCustomerFile } from '../api/queries.ts';
import { formatPhoneNumber } from '../format/phone-number.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveConnection } from '../live/live-context.tsx';
import { preciseNow } from '../phone/precise-now.ts';
import { sayThrown } from '../words/say-fault.ts';
import { CallSummary } from './call-summary.tsx';
import { CandidateList } from './candidate-list.tsx';
import { CustomerFileView } from './customer-file-view.tsx';

/** What a {@link PopView} shows. */
export interface PopViewProps {
  readonly pop: ScreenPop;
  readonly readerId: string;
  /** Whom the agent took the caller for, when the number did not say or said wrong. */
  readonly chosenId: string | undefined;
  readonly onChoose: (customerId: string) => void;
}

/** The screen pop: tells the server the moment it stands in the document, so that the phone may ring. */
export function PopView({ pop, readerId, chosenId, onChoose }: PopViewProps) {
  const connection = useLiveConnection();
  const element = useRef<HTMLDivElement>(null);
  const { offerId } = pop;
  useLayoutEffect(() => {
    // After the commit, and without waiting for a frame: a tab in the background has none.
    if (element.current) element.current.dataset['shownAt'] = String(preciseNow());
    connection.popShown(offerId);
  }, [connection, offerId]);
  return (
    <Stack ref={element} gap="sm" data-testid="pop" data-call-id={pop.callId} data-offer-id={pop.offerId} data-match={pop.match.kind}>
      <CallSummary pop={pop} readerId={readerId} />
      <PopFile pop={pop} chosenId={chosenId} onChoose={onChoose} />
    </Stack>
  );
}

function PopFile({ pop, chosenId, onChoose }: Omit<PopViewProps, 'readerId'>) {
  const { match, file } = pop;
  const knownId = match.kind === 'one' ? match.candidate.customer.customerId : undefined;
  const wantedId = chosenId ?? knownId;
  const shown = file && (wantedId === undefined || wantedId === file.customerId) ? file : undefined;
  return (
    <>
      {match.kind === 'several' && (
        <CandidateList candidates={match.candidates} chosenId={chosenId ?? file?.customerId} onChoose={onChoose} />
      )}
      {shown ? <CustomerFileView file={shown} currentCallId={pop.callId} /> : wantedId !== undefined ? <LoadedFile customerId={wantedId} currentCallId={pop.callId} /> : <NoFile pop={pop} />}
    </>
  );
}

/** The file of a customer, asked for now. */
export function LoadedFile({ customerId, currentCallId }: { readonly customerId: string; readonly currentCallId?: string | undefined }) {
  const { t } = useText();
  const file = useCustomerFile(customerId);
  if (file.data) return <CustomerFileView file={file.data} currentCallId={currentCallId} />;
  if (file.isError) {
    return (
      <Alert color="red" title={t('pop.file-missing')}>
        <Group justify="space-between">{sayThrown(file.error, t)}<Button size="xs" variant="light" color="red" onClick={() => void file.refetch()}>{t('app.retry')}</Button></Group>
      </Alert>
    );
  }
  return <Stack gap="sm" aria-busy="true"><Skeleton h={60} /><Skeleton h={120} /><Skeleton h={200} /></Stack>;
}

/** Nobody is known by this number: says why, and what to do. */
function NoFile({ pop }: { readonly pop: ScreenPop }) {
  const { t } = useText();
  const { kind } = pop.match;
  if (kind === 'one' || kind === 'several') return null;
  const reason = kind === 'none' && pop.calling.kind === 'unparsable' ? 'no-number' : kind;
  const Icon = kind === 'anonymous' ? IconUserOff : IconUserQuestion;
  return (
    <Alert color={kind === 'unavailable' ? 'orange' : 'gray'} icon={<Icon />} variant="light" data-testid="pop-no-file">
      <Title order={2} size="h4">{pop.calling.kind === 'e164' ? <span dir="ltr">{formatPhoneNumber(pop.calling.number)}</span> : t('phone.unknown-caller')}</Title>
      <Text fw={600} mt={4}>{t(`pop.${reason}`)}</Text>
      <Text size="sm">{t(`pop.${reason}-hint`)}</Text>
    </Alert>
  );
}
