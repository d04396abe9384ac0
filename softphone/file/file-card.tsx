import { Group, Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** One part of a file: its name, a figure, and its rows. */
export interface FileCardProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a customer's file. */
export function FileCard({ title, aside, children }: FileCardProps) {
  return (
    <Paper component="section" withBorder p="sm" aria-label={title}>
      <Group justify="space-between" mb={6} wrap="nowrap">
        <Text component="h3" size="xs" fw={700} c="dimmed" className="section-title">{title}</Text>
        {aside}
      </Group>
      {children}
    </Paper>
  );
}
