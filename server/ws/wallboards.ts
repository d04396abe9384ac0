import type { TenantId } from '../model/ids.ts';
import type { DeskSocket } from './desk-socket.ts';
import type { WallboardSource } from './topic-source.ts';

interface Followed {
  readonly sockets: Set<DeskSocket>;
  readonly stop: () => void;
}

/** Brings each tenant's wallboard to the browsers of that tenant that follow it. */
export class Wallboards {
  readonly #source: WallboardSource;
  readonly #followed = new Map<TenantId, Followed>();

  constructor(source: WallboardSource) {
    this.#source = source;
  }

  /** Sends the whole board, and every change after it. */
  follow(socket: DeskSocket): void {
    const { tenantId } = socket.session.user;
    const followed = this.#followed.get(tenantId) ?? this.#listen(tenantId);
    followed.sockets.add(socket);
    socket.sendSnapshot('wallboard', this.#source.snapshot(tenantId));
  }

  /** Idempotent; the last follower of a tenant ends the listening. */
  unfollow(socket: DeskSocket): void {
    const { tenantId } = socket.session.user;
    const followed = this.#followed.get(tenantId);
    if (!followed?.sockets.delete(socket) || followed.sockets.size > 0) return;
    followed.stop();
    this.#followed.delete(tenantId);
  }

  close(): void {
    for (const followed of this.#followed.values()) followed.stop();
    this.#followed.clear();
  }

  #listen(tenantId: TenantId): Followed {
    const sockets = new Set<DeskSocket>();
    const stop = this.#source.onDelta(tenantId, (put, drop) => {
      for (const socket of sockets) socket.sendDelta('wallboard', put, drop);
    });
    const followed = { sockets, stop };
    this.#followed.set(tenantId, followed);
    return followed;
  }
}
