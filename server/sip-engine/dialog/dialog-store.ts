import type { Essentials } from '../message/essentials.ts';
import type { Dialog, DialogIdentity } from './dialog.ts';

/** The longest time that a timer takes; more would end at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Every dialog of the engine, by its tags (for the network) and by its id (for applications). */
export class DialogStore<Owner> {
  readonly #byTags = new Map<string, Dialog<Owner>>();
  readonly #endings = new Map<Dialog<Owner>, NodeJS.Timeout>();
  readonly #byId = new Map<string, Dialog<Owner>>();

  get size(): number {
    return this.#byTags.size;
  }

  /** Adds a dialog; of several early dialogs with one id the newest answers to the id. */
  add(dialog: Dialog<Owner>): void {
    this.#byTags.set(tagKey(dialog), dialog);
    this.#byId.set(dialog.id, dialog);
  }

  findByTags(identity: DialogIdentity): Dialog<Owner> | undefined {
    return this.#byTags.get(tagKey(identity));
  }

  /** The dialog that a request of the network belongs to (RFC 3261 §12.2.2). */
  findForRequest({ callId, toTag = '', fromTag }: Essentials): Dialog<Owner> | undefined {
    return this.findByTags({ callId, localTag: toTag, remoteTag: fromTag });
  }

  findById(id: string): Dialog<Owner> | undefined {
    return this.#byId.get(id);
  }

  /**
   * Ends a dialog after a while, unless it is ended before, or is given longer.
   * @param onRemoved - hears of it.
   */
  removeAfter(dialog: Dialog<Owner>, ms: number, onRemoved: () => void = () => undefined): void {
    clearTimeout(this.#endings.get(dialog));
    this.#endings.set(dialog, setTimeout(() => {
      this.remove(dialog);
      onRemoved();
    }, Math.min(ms, LONGEST_MS)));
  }

  /** Ends a dialog; idempotent. */
  remove(dialog: Dialog<Owner>): void {
    dialog.state = 'ended';
    clearTimeout(dialog.sessionTimer);
    clearTimeout(this.#endings.get(dialog));
    this.#endings.delete(dialog);
    if (this.#byTags.get(tagKey(dialog)) === dialog) this.#byTags.delete(tagKey(dialog));
    if (this.#byId.get(dialog.id) === dialog) this.#byId.delete(dialog.id);
  }

  /** The dialogs of one owner, for when it goes away. */
  ownedBy(owner: Owner): Dialog<Owner>[] {
    return [...this.#byTags.values()].filter((dialog) => dialog.owner === owner);
  }

  clear(): void {
    for (const dialog of [...this.#byTags.values()]) {
      this.remove(dialog);
      dialog.awaitedAck?.settle();
    }
  }
}

const tagKey = ({ callId, localTag, remoteTag }: DialogIdentity): string => `${callId} ${localTag} ${remoteTag}`;
