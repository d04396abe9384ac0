import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** One line of a card: what it is, what more is known, and a figure or status at the end. */
export interface FileRowProps {
  readonly main: ReactNode;
  readonly detail?: ReactNode;
  readonly end?: ReactNode;
  /** Over and done: shown fainter. */
  readonly isPast?: boolean;
}

/** One line of a {@link FileCard}. */
export function FileRow({ main, detail, end, isPast = false }: FileRowProps) {
  return (
    <Group component="li" justify="space-between" wrap="nowrap" gap="xs" className={isPast ? 'file-row file-row--past' : 'file-row'}>
      <div className="shrinks">
        <Text size="sm" lh={1.35}>{main}</Text>
        {detail !== undefined && <Text size="xs" c="dimmed" lh={1.35}>{detail}</Text>}
      </div>
      {end !== undefined && <div className="keeps">{end}</div>}
    </Group>
  );
}
