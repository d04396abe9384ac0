import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react';
import type { Topic } from '../../server/wire/frames.ts';
import type { LiveItem } from '../../server/wire/live-item.ts';
import { LiveConnection, type LiveSocket, type LiveView } from './live-connection.ts';

const LiveContext = createContext<LiveConnection | undefined>(undefined);

function openSocket(): LiveSocket {
  const { protocol, host } = window.location;
  return new WebSocket(`${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws`) as LiveSocket;
}

/** Follows one topic for everything below it. */
export function LiveProvider({ topic, onSignedOut, children }: { readonly topic: Topic; readonly onSignedOut: () => void; readonly children: ReactNode }) {
  const connection = useMemo(() => new LiveConnection({ topic, openSocket, clock: Date.now, random: Math.random }), [topic]);
  const signedOut = useRef(onSignedOut);
  useEffect(() => {
    signedOut.current = onSignedOut;
  });
  useEffect(() => {
    const stopListening = connection.subscribe(() => {
      if (connection.getView().status === 'signed-out') signedOut.current();
    });
    connection.start();
    return () => {
      stopListening();
      connection.stop();
    };
  }, [connection]);
  return <LiveContext value={connection}>{children}</LiveContext>;
}

/** The connection of the page around. */
export function useLiveConnection(): LiveConnection {
  const connection = useContext(LiveContext);
  if (!connection) throw new Error('there is no LiveProvider above');
  return connection;
}

/** The page's copy of its topic, drawn anew at each change. */
export function useLiveView(): LiveView {
  const connection = useLiveConnection();
  return useSyncExternalStore(connection.subscribe, connection.getView);
}

/** One item of the topic, drawn anew only when that item changes. */
export function useLiveItem<K extends LiveItem['kind']>(kind: K, key: string): Extract<LiveItem, { kind: K }> | undefined {
  const connection = useLiveConnection();
  return useSyncExternalStore(connection.subscribe, () => {
    const item = connection.getView().items.get(key);
    // The kind was just compared; TypeScript does not narrow a union by a type parameter.
    return item?.kind === kind ? (item as Extract<LiveItem, { kind: K }>) : undefined;
  });
}

/** The difference between the server's clock and this machine's, for every elapsed time on the page; 0 outside a desk. */
export function useClockOffset(): number {
  const connection = useContext(LiveContext);
  return useSyncExternalStore(connection?.subscribe ?? subscribeToNothing, () => connection?.getView().clockOffsetMs ?? 0);
}

const subscribeToNothing = (): (() => void) => () => undefined;
