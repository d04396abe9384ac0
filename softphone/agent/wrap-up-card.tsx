import { Alert, Badge, Group, Paper, Select, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useDispositions } from '../api/queries.ts';
import { useText } from '../i18n/use-text.ts';
import { useLiveItem } from '../live/live-context.tsx';
import { useNow } from '../live/now.ts';
import { Remaining } from '../ui/elapsed.tsx';
import { HintButton } from '../ui/hint-button.tsx';
import { useAsk } from '../ui/use-ask.ts';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { clearDraft, readDraft, writeDraft, type Draft } from './draft.ts';
import { LeftOverNote } from './left-over-note.tsx';

const HURRY_MS = 15_000;
/** Saved by itself this long before the time is over: no note is lost, in a slow tab neither. */
const AUTOSAVE_MS = 3_000;
/** Under which result a note is kept whose writer chose none in time. */
const FALLBACK_RESULT = 'other';

/** The result and note of the call at hand: begun while it lasts, saved when it is over. */
export function WrapUpCard() {
  const { t } = useText();
  const call = useLiveItem('my-call', 'call');
  const wrapUp = useLiveItem('my-wrap-up', 'wrap-up');
  const callId = wrapUp?.callId ?? call?.callId;
  const [failures, setFailures] = useState(0);
  return (
    <Paper component="section" withBorder p="md" aria-label={t('wrap-up.title')} className={wrapUp ? 'wrap-up wrap-up--active' : 'wrap-up'}>
      <Group justify="space-between" mb="xs">
        <Text fw={600} size="sm">{t('wrap-up.title')}</Text>
        {wrapUp && <Badge variant="light" color="grape" data-testid="wrap-up-left"><Remaining until={wrapUp.deadlineAt} /></Badge>}
      </Group>
      {callId === undefined
        ? <><LeftOverNote key={failures} /><Text size="sm" c="dimmed">{t('wrap-up.idle')}</Text></>
        : <WrapUpForm key={callId} callId={callId} deadlineAt={wrapUp?.deadlineAt} onFailed={() => setFailures((count) => count + 1)} />}
    </Paper>
  );
}

interface WrapUpFormProps {
  readonly callId: string;
  readonly deadlineAt: number | undefined;
  /** The server did not take it; the draft is kept. */
  readonly onFailed: () => void;
}

function WrapUpForm({ callId, deadlineAt, onFailed }: WrapUpFormProps) {
  const { t, language } = useText();
  const ask = useAsk();
  const queries = useQueryClient();
  const dispositions = useDispositions();
  const note = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState<Draft>(() => readDraft(sessionStorage, callId));
  const [isChecked, setChecked] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const isActive = deadlineAt !== undefined;
  const fallback = dispositions.data?.find(({ code }) => code === FALLBACK_RESULT);
  const hasNote = draft.note.trim() !== '';

  const change = (part: Partial<Draft>): void => {
    const next = { ...draft, ...part };
    writeDraft(sessionStorage, next);
    setDraft(next);
  };
  const send = async (disposition: string, message: string): Promise<void> => {
    if (!isActive || isSaving) return;
    setSaving(true);
    // Before the answer: the wrap-up is off the page a moment sooner, and nothing is left over then.
    clearDraft(sessionStorage, callId);
    const isDone = await ask({ type: 'complete-wrap-up', callId, disposition, note: draft.note });
    setSaving(false);
    if (!isDone) {
      writeDraft(sessionStorage, draft);
      onFailed();
      return;
    }
    notifications.show({ color: 'teal', icon: <IconCheck size={16} />, message, autoClose: disposition === draft.disposition ? 2000 : 8000 });
    await queries.invalidateQueries({ queryKey: ['interactions'] });
    await queries.invalidateQueries({ queryKey: ['customer'] });
  };
  const save = async (): Promise<void> => {
    setChecked(true);
    if (draft.disposition !== '') await send(draft.disposition, t('wrap-up.saved'));
  };
  const saveInTime = (): void => {
    if (draft.disposition !== '') void save();
    else if (hasNote && fallback) void send(fallback.code, t('wrap-up.saved-as', { result: fallback.label[language] }));
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
      {isActive && (
        <Deadline at={deadlineAt} onDue={saveInTime}>
          {draft.disposition === '' && (hasNote && fallback ? t('wrap-up.hurry-note', { result: fallback.label[language] }) : t('wrap-up.hurry'))}
        </Deadline>
      )}
      <HintButton shortcut="save" disabled={!isActive} loading={isSaving} onClick={() => void save()} data-testid="wrap-up-save">{t('wrap-up.save')}</HintButton>
    </Stack>
  );
}

/** What a {@link Deadline} watches. */
interface DeadlineProps {
  readonly at: number;
  /** Runs once, shortly before the time is over. */
  readonly onDue: () => void;
  /** What is still missing, shown when time runs short. */
  readonly children: ReactNode;
}

/** Watches the end of the time: warns, and saves before it. */
function Deadline({ at, onDue, children }: DeadlineProps) {
  const leftMs = at - useNow();
  const isDue = leftMs <= AUTOSAVE_MS && leftMs > 0;
  const due = useRef(onDue);
  useEffect(() => {
    due.current = onDue;
  });
  useEffect(() => {
    if (isDue) due.current();
  }, [isDue]);
  return children !== false && leftMs < HURRY_MS ? <Alert color="orange" p="xs" role="status"><Text size="xs">{children}</Text></Alert> : null;
}
