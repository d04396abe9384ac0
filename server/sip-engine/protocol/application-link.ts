import type { Socket } from 'node:net';

/** What an application's end of a connection hears. */
export interface LinkEvents {
  /** Bytes of the application (binary string), cut anywhere. */
  readonly onText: (text: string) => void;
  /** Nothing will come any more, and nothing arrives. Called once or more. */
  readonly onGone: () => void;
}

/** The engine's end of a connection to one application: a socket, or a seam within the process. */
export interface ApplicationLink {
  /** Bytes that were written and have not left. */
  readonly waitingBytes: number;
  /** Begins to read. */
  open(events: LinkEvents): void;
  /** Writes a binary string. */
  write(text: string): void;
  /** Ends the connection after what was written. */
  end(): void;
  /** Ends it at once. */
  destroy(): void;
}

/** An application in another process, or one that chose to come over loopback. */
export function socketLink(socket: Socket): ApplicationLink {
  return {
    get waitingBytes() { return socket.writableLength; },
    open: ({ onText, onGone }) => {
      socket.setNoDelay(true);
      socket.setEncoding('latin1');
      socket.on('data', onText);
      socket.on('error', onGone);
      socket.on('close', onGone);
    },
    write: (text) => { socket.write(text, 'latin1'); },
    end: () => socket.destroySoon(),
    destroy: () => { socket.destroy(); },
  };
}
