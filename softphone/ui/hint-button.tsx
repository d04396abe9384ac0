import { Button, Tooltip, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { shortcutLabel, type ShortcutName } from './shortcut.ts';

/** What a {@link HintButton} is made of. */
export interface HintButtonProps extends ButtonProps {
  readonly shortcut: ShortcutName;
  readonly onClick: () => void;
  readonly children: ReactNode;
  /** Where the key is shown: away from what matters more. */
  readonly hintSide?: 'top' | 'bottom';
  readonly 'data-testid'?: string;
  readonly 'aria-pressed'?: boolean;
  readonly 'aria-expanded'?: boolean;
}

/** A button whose key is shown when one points at it, and told to screen readers. */
export function HintButton({ shortcut, children, hintSide = 'top', ...button }: HintButtonProps) {
  return (
    // A disabled button never says that the pointer left: its hint would stay.
    <Tooltip disabled={button.disabled === true} label={shortcutLabel(shortcut)} openDelay={500} position={hintSide}>
      <Button {...button} aria-keyshortcuts={shortcutLabel(shortcut)}>{children}</Button>
    </Tooltip>
  );
}
