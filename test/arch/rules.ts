import type { IForbiddenRuleType } from 'dependency-cruiser';

/** Where our code lives; everything else is a library or a test. */
const OURS = '^(server|softphone|ivr-flows|db)/';

/** A folder may import only these (and itself); `typeOnly` may be imported as types besides. */
interface Layer {
  readonly name: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly typeOnly?: readonly string[];
}

const BASE = '^server/base/';
const MODEL = '^server/model/';
const WIRE = '^server/wire/';
const FLOWS = '^ivr-flows/';
const STAGE_PORTS = '^server/(access|crm|ivr|routing|interaction|supervision|call)/';

/** DESIGN §2, row by row. */
const LAYERS: readonly Layer[] = [
  { name: 'base', from: BASE, to: [] },
  { name: 'model', from: MODEL, to: [BASE] },
  { name: 'wire', from: WIRE, to: [BASE, MODEL] },
  { name: 'ivr-flows', from: FLOWS, to: [BASE, MODEL] },
  { name: 'sip-engine', from: '^server/sip-engine/', to: [BASE] },
  ...['access', 'crm', 'routing', 'interaction', 'supervision'].map((stage) => ({
    name: stage, from: `^server/${stage}/`, to: [BASE, MODEL, WIRE],
  })),
  { name: 'ivr', from: '^server/ivr/', to: [BASE, MODEL, WIRE, FLOWS] },
  { name: 'call', from: '^server/call/', to: [BASE, MODEL, WIRE, FLOWS, '^server/(access|crm|ivr|routing|interaction|supervision)/'] },
  ...['sip', 'media', 'http', 'ws'].map((adapter) => ({
    name: adapter, from: `^server/${adapter}/`, to: [BASE, MODEL, WIRE, FLOWS], typeOnly: [STAGE_PORTS],
  })),
  { name: 'db', from: '^db/', to: [BASE, MODEL, WIRE, FLOWS], typeOnly: [STAGE_PORTS] },
  { name: 'softphone', from: '^softphone/', to: [WIRE, BASE], typeOnly: [MODEL] },
];

/** Libraries that only one folder may know. */
const CONFINED: Readonly<Record<string, string>> = {
  'drachtio-srf': '^server/sip/',
  typeorm: '^db/',
  express: '^server/http/',
  redis: '^db/redis/',
  werift: '^server/media/edge/',
  mediasoup: '^server/media/edge/',
  'sip.js': '^softphone/phone/',
};

const self = (from: string): string => from;

/** The rules that `test/arch` holds the tree to, in the words of dependency-cruiser. */
export const rules: readonly IForbiddenRuleType[] = [
  ...LAYERS.flatMap(({ name, from, to, typeOnly = [] }): IForbiddenRuleType[] => [
    {
      name: `layer-${name}`,
      severity: 'error',
      from: { path: from },
      to: { path: OURS, pathNot: [self(from), ...to, ...typeOnly] },
    },
    ...(typeOnly.length === 0 ? [] : [{
      name: `types-only-${name}`,
      severity: 'error' as const,
      from: { path: from },
      to: { path: [...typeOnly], pathNot: [self(from), ...to], dependencyTypesNot: ['type-only'] as ['type-only'] },
    }]),
  ]),
  ...Object.entries(CONFINED).map(([library, folder]): IForbiddenRuleType => ({
    name: `confined-${library}`,
    severity: 'error',
    from: { path: OURS, pathNot: folder },
    to: { path: `(^|/)node_modules/${library.replace('.', '\\.')}(/|$)` },
  })),
  { name: 'no-cycle', severity: 'error', from: { path: OURS }, to: { circular: true } },
  { name: 'no-tests-in-code', severity: 'error', from: { path: OURS }, to: { path: '^test/' } },
];
