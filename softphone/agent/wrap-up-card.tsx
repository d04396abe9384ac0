import { Alert, Badge, Group, Paper, Select, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useDispositions } from '../api/queries.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import { useNow } from '../live/now.ts';
import { Remaining } from '../ui/elapsed.tsx';
import { HintButton } from '../ui/hint-button.tsx';
import { useAsk } from '../ui/use-ask.ts';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { clearDraft, readDraft, writeDraft, type Draft } from './draft.ts';

const HURRY_MS = 15_000;
/** Saved by itself this long before the time is over, when the result is chosen: no note is lost. */
const AUTOSAVE_MS = 1_500;

/** The result and note of the call at hand: begun while it lasts, saved when it is over. */
export function WrapUpCard() {
  const { t } = useText();
  const call = useLiveItem('my-call', 'call');
  const wrapUp = useLiveItem('my-wrap-up', 'wrap-up');
  const callId = wrapUp?.callId ?? call?.callId;
  return (
    <Paper component="section" withBorder p="md" aria-label={t('wrap-up.title')} className={wrapUp ? 'wrap-up wrap-up--active' : 'wrap-up'}>
      <Group justify="space-between" mb="xs">
        <Text fw={600} size="sm">{t('wrap-up.title')}</Text>
        {wrapUp && <Badge variant="light" color="grape" data-testid="wrap-up-left"><Remaining until={wrapUp.deadlineAt} /></Badge>}
      </Group>
      {callId === undefined
        ? <Text size="sm" c="dimmed">{t('wrap-up.idle')}</Text>
        : <WrapUpForm key={callId} callId={callId} deadlineAt={wrapUp?.deadlineAt} />}
    </Paper>
  );
}

function WrapUpForm({ callId, deadlineAt }: { readonly callId: string; readonly deadlineAt: number | undefined }) {
  const { t, language } = useText();
  const ask = useAsk();
  const queries = useQueryClient();
  const dispositions = useDispositions();
  const note = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState<Draft>(() => readDraft(sessionStorage, callId));
  const [isChecked, setChecked] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const isActive = deadlineAt !== undefined;

  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    writeDraft(sessionStorage, next);
    setDraft(next);
  };
  const save = async (): Promise<void> => {
    setChecked(true);
    if (!isActive || draft.disposition === '' || isSaving) return;
    setSaving(true);
    const isDone = await ask({ type: 'complete-wrap-up', callId, disposition: draft.disposition, note: draft.note });
    setSaving(false);
    if (!isDone) return;
    clearDraft(sessionStorage);
    notifications.show({ color: 'teal', icon: <IconCheck size={16} />, message: t('wrap-up.saved'), autoClose: 2000 });
    await queries.invalidateQueries({ queryKey: ['interactions'] });
    await queries.invalidateQueries({ queryKey: ['customer'] });
  };
  useShortcuts({ save: () => void save(), note: () => note.current?.focus() });

  return (
    <Stack gap="xs">
      <Select
        size="sm" label={t('wrap-up.disposition')} placeholder={t('wrap-up.choose')} data-testid="wrap-up-disposition"
        data={(dispositions.data ?? []).map(({ code, label }) => ({ value: code, label: label[language] }))}
        value={draft.disposition === '' ? null : draft.disposition} onChange={(code) => change({ disposition: code ?? '' })}
        error={isChecked && draft.disposition === '' ? t('wrap-up.missing') : undefined} searchable allowDeselect={false}
      />
      <Textarea
        ref={note} size="sm" label={t('wrap-up.note')} autosize minRows={4} maxRows={10} maxLength={10_000} data-testid="wrap-up-note"
        description={isActive ? undefined : t('wrap-up.note-hint')} value={draft.note} onChange={(event) => change({ note: event.currentTarget.value })}
      />
      {isActive && <Deadline at={deadlineAt} hasResult={draft.disposition !== ''} onDue={() => void save()} />}
      <HintButton shortcut="save" disabled={!isActive} loading={isSaving} onClick={() => void save()} data-testid="wrap-up-save">{t('wrap-up.save')}</HintButton>
    </Stack>
  );
}

/** Watches the end of the time: warns when a result is missing, saves by itself when it is not. */
function Deadline({ at, hasResult, onDue }: { readonly at: number; readonly hasResult: boolean; readonly onDue: () => void }) {
  const { t } = useText();
  const leftMs = at - useNow();
  const isDue = hasResult && leftMs <= AUTOSAVE_MS && leftMs > 0;
  const due = useRef(onDue);
  useEffect(() => {
    due.current = onDue;
  });
  useEffect(() => {
    if (isDue) due.current();
  }, [isDue]);
  return !hasResult && leftMs < HURRY_MS ? <Alert color="orange" p="xs" role="status"><Text size="xs">{t('wrap-up.hurry')}</Text></Alert> : null;
}
