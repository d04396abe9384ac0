import type {
  CaseRow, ContractRow, CustomerNumberRow, CustomerRow, InvoiceRow, OrderRow, TaskRow,
} from '../entities/customer-entities.ts';
import { foldText } from '../fold-text.ts';
import type { Calendar } from './calendar.ts';
import { DEMO_TENANT, demoUserId } from './demo-centre.ts';
import type { DemoPerson } from './demo-people.ts';
import type { Dice } from './dice.ts';

/** All rows of one customer. */
export interface DemoFile {
  readonly customer: CustomerRow;
  readonly numbers: readonly CustomerNumberRow[];
  readonly contracts: readonly ContractRow[];
  readonly cases: readonly CaseRow[];
  readonly invoices: readonly InvoiceRow[];
  readonly orders: readonly OrderRow[];
  readonly tasks: readonly TaskRow[];
}

const CURRENCY = 'DZD';
const tenantId = DEMO_TENANT;

/** Product, prefix of its contract numbers, yearly premium from..to in dinars. */
const PRODUCTS = {
  motor: ['Automobile tous risques', 'AUT', 28_000, 74_000],
  home: ['Multirisque habitation', 'HAB', 9_000, 26_000],
  health: ['Santé famille', 'SAN', 24_000, 68_000],
  travel: ['Assistance voyage', 'VOY', 4_500, 14_000],
  fleet: ['Flotte automobile', 'FLO', 380_000, 1_250_000],
  business: ['Multirisque professionnelle', 'PRO', 95_000, 420_000],
} as const;

const SCORES = { platinum: [88, 97], gold: [70, 86], silver: [45, 68], bronze: [12, 42] } as const;

const CLAIMS = {
  motor: ['Collision par l’arrière', 'Bris de glace', 'Choc en stationnement', 'Vol de rétroviseurs'],
  home: ['Dégât des eaux, cuisine', 'Vol avec effraction', 'Court-circuit, électroménager'],
  health: ['Remboursement hospitalisation', 'Remboursement soins dentaires', 'Prise en charge optique'],
  travel: ['Bagages perdus', 'Frais médicaux à l’étranger', 'Annulation de voyage'],
  fleet: ['Accident, véhicule de livraison', 'Panne, assistance sur l’A1'],
  business: ['Incendie partiel, entrepôt', 'Dégât des eaux, local'],
} as const;

const ORDERS = ['Attestation d’assurance', 'Carte orange internationale', 'Duplicata de police', 'Kit de constat amiable', 'Carte de tiers payant'] as const;
const MANAGERS = ['alice', 'chahira', 'bilal', 'djamel'] as const;
const AGENCIES = ['Alger Centre', 'Oran Front de mer', 'Constantine Sidi Mabrouk', 'Tizi Ouzou', 'Sétif 1er Novembre'] as const;

/** Makes the file of one customer around what is given of her. */
export function demoFile(person: DemoPerson, ordinal: number, { dice, calendar }: { readonly dice: Dice; readonly calendar: Calendar }): DemoFile {
  const customerId = `demo-c${String(ordinal).padStart(3, '0')}`;
  const contracts = person.products.map((product, index) => contract(product, { customerId, ordinal, index, dice, calendar }));
  const manager = person.tier === 'platinum' ? MANAGERS[(ordinal - 1) % MANAGERS.length] : undefined;
  return {
    customer: customer(person, { customerId, manager, dice, years: yearsSince(contracts, calendar), contracts: contracts.length }),
    numbers: person.numbers.map((number, sortOrder) => ({ tenantId, number, customerId, sortOrder })),
    contracts,
    cases: cases(person, { customerId, ordinal, dice, calendar }),
    invoices: contracts.filter(({ status }) => status !== 'ended').flatMap((held) => invoices(held, person, { dice, calendar })),
    orders: dice.chance(0.4) ? [order(customerId, ordinal, { dice, calendar })] : [],
    tasks: tasks(person, { customerId, manager, dice, calendar }),
  };
}

interface Around {
  readonly customerId: string;
  readonly dice: Dice;
  readonly calendar: Calendar;
}

const yearsSince = (contracts: readonly ContractRow[], calendar: Calendar): number =>
  Math.max(1, Math.round((calendar.now - Math.min(...contracts.map(({ startedAt }) => startedAt))) / (365 * 86_400_000)));

function customer(
  person: DemoPerson,
  { customerId, manager, dice, years, contracts }: { readonly customerId: string; readonly manager: string | undefined; readonly dice: Dice; readonly years: number; readonly contracts: number },
): CustomerRow {
  const [least, most] = SCORES[person.tier];
  const marketing = dice.chance(0.6);
  return {
    tenantId, customerId, displayName: person.name, company: person.company ?? null, language: person.language ?? null,
    tier: person.tier, tierReason: tierReason(person, contracts, years), valueScore: dice.between(least, most), churnLight: person.churn,
    assignedManagerId: manager === undefined ? null : demoUserId(manager),
    email: dice.chance(0.75) ? email(person, customerId) : null,
    address: `${dice.between(1, 120)}, ${dice.pick(['rue Didouche Mourad', 'rue Larbi Ben M’hidi', 'cité des 200 logements', 'boulevard Colonel Amirouche', 'rue des Frères Bouadou'])}, ${person.city}`,
    consentRecording: dice.chance(0.9), consentMarketing: marketing,
    optedOutChannels: JSON.stringify(marketing ? [] : dice.pick([['sms'], ['sms', 'email'], ['voice']])),
    customFields: JSON.stringify({ Agence: dice.pick(AGENCIES), ...(person.company === undefined ? {} : { 'Registre du commerce': `16/00-${dice.between(1_000_000, 9_999_999)}B${dice.between(8, 22)}` }) }),
    searchText: foldText(`${person.name} ${person.company ?? ''}`),
  };
}

function tierReason({ tier, churn, company }: DemoPerson, contracts: number, years: number): string {
  const held = `${contracts} contrat${contracts > 1 ? 's' : ''} depuis ${years} an${years > 1 ? 's' : ''}`;
  const why = { platinum: 'prime annuelle parmi les 10 % les plus élevées', gold: 'prime élevée, paiements réguliers', silver: 'valeur moyenne', bronze: 'un seul produit ou prime modeste' }[tier];
  const risk = { green: '', amber: ' ; échéance proche sans réponse au renouvellement', red: ' ; réclamation récente et devis demandé ailleurs' }[churn];
  return `${company === undefined ? '' : 'Entreprise, '}${held}, ${why}${risk}`;
}

/** Latin letters of the name, or the id where there are none. */
function email({ name, company }: DemoPerson, customerId: string): string {
  const local = foldText(name).replace(/[^a-z ]/g, '').trim().replace(/ +/g, '.');
  const domain = company === undefined ? 'example.dz' : `${foldText(company).replace(/[^a-z]/g, '').slice(0, 24)}.example`;
  return `${local === '' ? customerId : local}@${domain}`;
}

function contract(product: keyof typeof PRODUCTS, around: Around & { readonly ordinal: number; readonly index: number }): ContractRow {
  const { customerId, ordinal, index, dice, calendar } = around;
  const [label, prefix, least, most] = PRODUCTS[product];
  const startedAt = calendar.at(-dice.between(90, 2600));
  const ended = index > 0 && dice.chance(0.12);
  const endsIn = ended ? -dice.between(20, 300) : dice.between(8, 355);
  return {
    tenantId, number: `${prefix}-${20_000 + ordinal * 100 + index * 7 + 3}`, customerId, product: label,
    status: ended ? 'ended' : dice.chance(0.05) ? 'suspended' : 'active',
    startedAt: ended ? Math.min(startedAt, calendar.at(endsIn - 365)) : startedAt, endsAt: calendar.at(endsIn),
    premiumMinor: Math.round(dice.between(least, most) / 100) * 10_000, premiumCurrency: CURRENCY,
  };
}

function cases(person: DemoPerson, { customerId, ordinal, dice, calendar }: Around & { readonly ordinal: number }): CaseRow[] {
  const count = person.churn === 'red' ? 2 : dice.chance(0.6) ? dice.between(1, 2) : 0;
  return Array.from({ length: count }, (_, index): CaseRow => {
    const complaint = person.churn === 'red' && index === 0;
    const open = complaint || dice.chance(0.45);
    const openedAt = open ? calendar.at(-dice.between(2, 24), dice.between(510, 1000)) : calendar.at(-dice.between(60, 420), dice.between(510, 1000));
    const status = open ? dice.pick(['open', 'open', 'waiting-for-customer'] as const) : dice.pick(['closed', 'closed', 'resolved'] as const);
    return {
      tenantId, number: `${complaint ? 'REC' : 'SIN'}-${calendar.year(openedAt)}-${String(ordinal * 10 + index).padStart(5, '0')}`, customerId,
      kind: complaint ? 'complaint' : 'claim',
      title: complaint ? 'Délai d’indemnisation contesté' : dice.pick(CLAIMS[dice.pick(person.products)]),
      status, openedAt, closedAt: open ? null : openedAt + dice.between(3, 28) * 86_400_000,
    };
  });
}

/** The last instalment, paid, and the next one; those at risk of leaving tend to owe the last as well. */
function invoices(held: ContractRow, person: DemoPerson, { dice, calendar }: Pick<Around, 'dice' | 'calendar'>): InvoiceRow[] {
  const amountMinor = Math.round(held.premiumMinor / 4 / 100) * 100;
  const lastDue = -dice.between(3, 60);
  const owed = person.churn === 'green' ? dice.chance(0.12) : dice.chance(0.6);
  const bill = (suffix: string, dueAt: number, paidAt: number | null): InvoiceRow => ({
    tenantId, number: `Q-${held.number}-${suffix}`, customerId: held.customerId,
    label: `Prime trimestrielle, ${held.product}`, amountMinor, amountCurrency: CURRENCY, dueAt, paidAt,
  });
  return [
    bill('1', calendar.at(lastDue - 90), calendar.at(lastDue - 92, 640)),
    bill('2', calendar.at(lastDue), owed ? null : calendar.at(lastDue - dice.between(0, 2), 700)),
    ...(dice.chance(0.5) ? [bill('3', calendar.at(lastDue + 90), null)] : []),
  ];
}

function order(customerId: string, ordinal: number, { dice, calendar }: Pick<Around, 'dice' | 'calendar'>): OrderRow {
  return {
    tenantId, number: `CMD-${5000 + ordinal}`, customerId, label: dice.pick(ORDERS),
    status: dice.pick(['placed', 'confirmed', 'shipped', 'delivered', 'delivered'] as const),
    placedAt: calendar.at(-dice.between(1, 40), dice.between(500, 1020)), amountMinor: dice.pick([0, 50_000, 120_000]), amountCurrency: CURRENCY,
  };
}

function tasks(person: DemoPerson, { customerId, manager, dice, calendar }: Around & { readonly manager: string | undefined }): TaskRow[] {
  const assigneeId = demoUserId(manager ?? dice.pick(MANAGERS));
  const make = (index: number, what: Pick<TaskRow, 'kind' | 'title' | 'dueAt'>, doneAt: number | null = null): TaskRow =>
    ({ tenantId, taskId: `${customerId}-t${index}`, customerId, ...what, doneAt, assigneeId });
  return [
    ...(person.churn === 'red' ? [make(1, { kind: 'callback', title: 'Rappeler au sujet de la réclamation', dueAt: calendar.at(dice.between(0, 2), 600) })] : []),
    ...(person.churn === 'amber' ? [make(2, { kind: 'promise', title: 'Envoyer la proposition de renouvellement', dueAt: calendar.at(dice.between(1, 6), 1020) })] : []),
    ...(person.tier === 'platinum' ? [make(3, { kind: 'task', title: 'Revue annuelle des garanties', dueAt: calendar.at(dice.between(10, 40), 600) })] : []),
    ...(dice.chance(0.3) ? [make(4, { kind: 'promise', title: 'Envoyer l’attestation par courriel', dueAt: calendar.at(-dice.between(5, 60), 900) }, calendar.at(-61, 960))] : []),
  ];
}
