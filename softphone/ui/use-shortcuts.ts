import { useEffect, useRef } from 'react';
import { shortcutOf, type ShortcutName } from './shortcut.ts';

/** Runs what each shortcut stands for while the component is on the page; a missing one is left to the browser. */
export function useShortcuts(actions: Partial<Readonly<Record<ShortcutName, () => void>>>): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const name = event.repeat ? undefined : shortcutOf(event);
      const action = name && latest.current[name];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
