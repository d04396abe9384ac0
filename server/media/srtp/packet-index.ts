/** Packets this far behind the newest are refused (RFC 3711 §3.3.2 asks for 64 at least). */
const WINDOW = 128;

/**
 * Extends 16-bit sequence numbers to 48-bit packet indices, and remembers which were seen.
 * @remarks RFC 3711 §3.3.1 and appendix A for the index, §3.3.2 for replays.
 */
export class PacketIndex {
  readonly #seen = new Float64Array(WINDOW).fill(-1);
  #highest = -1;

  /** The likeliest index of a sequence number; nothing is remembered. */
  estimate(sequence: number): number {
    if (this.#highest < 0) return sequence;
    const base = this.#highest - (this.#highest % 0x1_0000);
    const step = sequence - (this.#highest % 0x1_0000);
    const index = base + sequence + (step > 0x8000 ? -0x1_0000 : step < -0x8000 ? 0x1_0000 : 0);
    return index < 0 ? sequence : index;
  }

  /** Whether a packet of this index must be refused: it came before, or is too old to know. */
  isReplay(index: number): boolean {
    return index <= this.#highest - WINDOW || this.#seen[index % WINDOW] === index;
  }

  /** The packet was authentic, or was sent. */
  remember(index: number): void {
    this.#seen[index % WINDOW] = index;
    if (index > this.#highest) this.#highest = index;
  }
}
