/** Sets of rules by name; each line is `base: text` or `base/divisor: text`, in rising order. */
export type RuleSets = Readonly<Record<string, string>>;

type Renderer = (value: number) => string;
interface Rule {
  readonly base: number;
  readonly render: Renderer;
}

const REMEMBERED = 1_000;

/**
 * An interpreter of rule-based number formats, after the notation of ICU: `<<` is the quotient by the
 * divisor (the power of ten in the base), `>>` the remainder, `=set=` the number itself, each by the same
 * rules or, as in `<set<`, by a set; what stands in brackets is left out when the remainder is zero.
 *
 * It is the other way to say numbers, to compare `server/media/say` with: rules as text on one side,
 * arithmetic on pieces on the other.
 */
export class Spellout {
  readonly #sets = new Map<string, readonly Rule[]>();
  readonly #known = new Map<string, string[]>();

  constructor(sets: RuleSets) {
    for (const [name, text] of Object.entries(sets)) {
      const lines = text.split('\n').map((line) => line.replace(/^ +/, '')).filter((line) => line !== '');
      this.#sets.set(name, lines.map((line) => this.#parse(name, line)));
      this.#known.set(name, []);
    }
  }

  /** Says a whole number by a set. */
  say(value: number, set: string): string {
    const known = this.#known.get(set) ?? [];
    const remembered = value < REMEMBERED ? known[value] : undefined;
    if (remembered !== undefined) return remembered;
    const rule = this.#sets.get(set)?.findLast(({ base }) => base <= value);
    if (!rule) throw new Error(`no rule of ${set} for ${value}`);
    const text = rule.render(value);
    if (value < REMEMBERED) known[value] = text;
    return text;
  }

  #parse(set: string, line: string): Rule {
    const [, base = '', divisorText, body = ''] = /^(\d+)(?:\/(\d+))?: ?'?(.*)$/.exec(line) ?? [];
    if (base === '') throw new Error(`not a rule: ${line}`);
    const divisor = Number(divisorText ?? 10 ** Math.max(0, base.length - 1));
    return { base: Number(base), render: this.#compile(set, body, divisor) };
  }

  #compile(set: string, body: string, divisor: number): Renderer {
    const parts = body.match(/\[[^\]]*\]|<[a-z-]*<|>[a-z-]*>|=[a-z-]+=|[^[<>=]+/g) ?? [];
    const renderers = parts.map((part): Renderer => {
      const name = part.slice(1, -1) || set;
      if (part.startsWith('[')) {
        const inner = this.#compile(set, part.slice(1, -1), divisor);
        return (value) => (value % divisor === 0 ? '' : inner(value));
      }
      if (part.startsWith('<')) return (value) => this.say(Math.floor(value / divisor), name);
      if (part.startsWith('>')) return (value) => this.say(value % divisor, name);
      if (part.startsWith('=')) return (value) => this.say(value, name);
      return () => part;
    });
    return (value) => renderers.reduce((text, render) => text + render(value), '');
  }
}
