/** The window is ten blocks of fifty packets: ten seconds at 20 ms a packet. */
const BLOCKS = 10;
const PACKETS_PER_BLOCK = 50;
/** One packet in so many may come later than the delay allows for. */
const PACKETS_PER_EXCEPTION = 200;
/** Slowest packets that are remembered of each block. */
const KEPT = 3;
const NONE = 0x7fff_ffff;

/**
 * How early the packets of the last seconds came before their turn: their slack, in samples,
 * negative for those that came too late.
 * @remarks A windowed percentile without sorting: of each block of packets only the slowest and
 *   the fastest are kept.
 */
export class ArrivalWindow {
  /** The slowest of each block, in rising order; the blocks one after the other. */
  readonly #slowest = new Int32Array(BLOCKS * KEPT).fill(NONE);
  readonly #fastest = new Int32Array(BLOCKS).fill(-NONE);
  readonly #worst = new Int32Array(KEPT);
  #block = 0;
  #inBlock = 0;
  #count = 0;

  clear(): void {
    this.#slowest.fill(NONE);
    this.#fastest.fill(-NONE);
    this.#block = 0;
    this.#inBlock = 0;
    this.#count = 0;
  }

  /** Takes one packet's slack. */
  note(slack: number): void {
    if (this.#inBlock === PACKETS_PER_BLOCK) this.#openBlock();
    this.#inBlock += 1;
    this.#count = Math.min(this.#count + 1, BLOCKS * PACKETS_PER_BLOCK);
    this.#fastest[this.#block] = Math.max(this.#fastest[this.#block] ?? -NONE, slack);
    insertSmallest(this.#slowest, this.#block * KEPT, slack);
  }

  /** Everybody's turn has moved: later by so many samples, or earlier when negative. */
  shift(samples: number): void {
    if (samples === 0) return;
    for (const [i, slack] of this.#slowest.entries()) if (slack !== NONE) this.#slowest[i] = slack + samples;
    for (const [i, slack] of this.#fastest.entries()) if (slack !== -NONE) this.#fastest[i] = slack + samples;
  }

  get isEmpty(): boolean { return this.#count === 0; }

  /** Slack of the fastest packet. */
  get fastest(): number {
    let fastest = -NONE;
    for (let i = 0; i < BLOCKS; i += 1) fastest = Math.max(fastest, this.#fastest[i] as number); // Within the array.
    return fastest;
  }

  /** Slack that all packets have but one in two hundred: of few packets the slowest of all. */
  get slowest(): number {
    this.#worst.fill(NONE);
    for (let i = 0; i < BLOCKS * KEPT; i += 1) insertSmallest(this.#worst, 0, this.#slowest[i] as number); // Within the array.
    return this.#worst[Math.min(KEPT - 1, Math.floor(this.#count / PACKETS_PER_EXCEPTION))] ?? NONE;
  }

  #openBlock(): void {
    this.#block = (this.#block + 1) % BLOCKS;
    this.#inBlock = 0;
    this.#fastest[this.#block] = -NONE;
    this.#slowest.fill(NONE, this.#block * KEPT, (this.#block + 1) * KEPT);
  }
}

/** Keeps the smallest values in rising order, `KEPT` from `from` on. */
function insertSmallest(kept: Int32Array, from: number, value: number): void {
  let rest = value;
  for (let i = from; i < from + KEPT; i += 1) {
    const other = kept[i] as number; // Within the array.
    if (rest >= other) continue;
    kept[i] = rest;
    rest = other;
  }
}
