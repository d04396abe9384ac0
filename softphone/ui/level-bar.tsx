import { Progress } from '@mantine/core';
import { useEffect, useState } from 'react';
import { watchLevel } from '../phone/level-meter.ts';

/** How loud a stream is, as a bar that moves. */
export function LevelBar({ stream, label }: { readonly stream: MediaStream | undefined; readonly label: string }) {
  const [level, setLevel] = useState(0);
  useEffect(() => (stream ? watchLevel(stream, setLevel) : undefined), [stream]);
  const percent = stream ? Math.round(level * 100) : 0;
  return <Progress.Root size="sm"><Progress.Section value={percent} aria-label={label} color={percent > 90 ? 'red' : 'teal'} /></Progress.Root>;
}
