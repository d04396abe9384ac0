import type { EntityManager } from 'typeorm';
import type { CustomerDirectory } from '../../server/crm/ports.ts';
import type { CustomerFile, CustomerSummary } from '../../server/model/customer-file.ts';
import type { CustomerId, TenantId } from '../../server/model/ids.ts';
import type { E164 } from '../../server/model/phone-number.ts';
import type { Connections } from '../connections.ts';
import type { CaseRow, ContractRow, InvoiceRow, OrderRow } from '../entities/customer-entities.ts';
import { foldText } from '../fold-text.ts';
import { e164, parseRow } from '../parse/columns.ts';
import { toCase, toContract, toDetails, toInvoice, toOrder, toSummary, toTask } from '../parse/customer.ts';
import { listSummaries } from './list-summaries.ts';

/** Columns of a summary. The last three are asked of other tables, each by an index: nothing derivable is stored. */
const CUSTOMER_COLUMNS = `
  c.customer_id AS customerId, c.display_name AS displayName, c.company AS company, c.language AS language, c.tier AS tier,
  c.value_score AS valueScore, c.churn_light AS churnLight, c.assigned_manager_id AS assignedManagerId,
  (SELECT MAX(i.started_at) FROM interactions i WHERE i.tenant_id = c.tenant_id AND i.customer_id = c.customer_id) AS lastContactAt,
  EXISTS (SELECT 1 FROM cases k WHERE k.tenant_id = c.tenant_id AND k.customer_id = c.customer_id
          AND k.status IN ('open', 'waiting-for-customer')) AS hasOpenCase,
  EXISTS (SELECT 1 FROM contracts t WHERE t.tenant_id = c.tenant_id AND t.customer_id = c.customer_id AND t.status = 'active') AS hasActiveContract`;

/** Asked at each call; exported so that a test can look at its query plan. */
export const FIND_BY_PHONE = `SELECT ${CUSTOMER_COLUMNS}
  FROM customer_numbers n JOIN customers c ON c.tenant_id = n.tenant_id AND c.customer_id = n.customer_id
  WHERE n.tenant_id = ? AND n.number = ? ORDER BY n.customer_id LIMIT 20`;

const FIND_DETAILS = `SELECT ${CUSTOMER_COLUMNS}, c.tier_reason AS tierReason, c.email AS email, c.address AS address,
    u.display_name AS assignedManagerName, c.consent_recording AS consentRecording, c.consent_marketing AS consentMarketing,
    c.opted_out_channels AS optedOutChannels, c.custom_fields AS customFields
  FROM customers c LEFT JOIN users u ON u.user_id = c.assigned_manager_id AND u.tenant_id = c.tenant_id
  WHERE c.tenant_id = ? AND c.customer_id = ?`;

const FIND_TASKS = `SELECT t.task_id AS id, t.title AS title, t.kind AS kind, t.due_at AS dueAt, t.done_at AS doneAt, u.display_name AS assigneeName
  FROM tasks t LEFT JOIN users u ON u.user_id = t.assignee_id AND u.tenant_id = t.tenant_id
  WHERE t.tenant_id = ? AND t.customer_id = ? ORDER BY t.done_at IS NOT NULL, t.due_at, t.task_id LIMIT 200`;

/** The parts of a file, at most 200 of each (a person reads them), written out: asked for at each call, and building such text anew costs more than running it. */
const OF_CUSTOMER = 'WHERE tenant_id = ? AND customer_id = ?';
const FIND_NUMBERS = `SELECT number AS number FROM customer_numbers ${OF_CUSTOMER} ORDER BY sort_order, number LIMIT 200`;
const FIND_CONTRACTS = `SELECT number AS number, product AS product, status AS status, started_at AS startedAt, ends_at AS endsAt,
    premium_minor AS premiumMinor, premium_currency AS premiumCurrency
  FROM contracts ${OF_CUSTOMER} ORDER BY status, started_at DESC LIMIT 200`;
const FIND_CASES = `SELECT number AS number, kind AS kind, title AS title, status AS status, opened_at AS openedAt, closed_at AS closedAt
  FROM cases ${OF_CUSTOMER} ORDER BY opened_at DESC LIMIT 200`;
const FIND_INVOICES = `SELECT number AS number, label AS label, amount_minor AS amountMinor, amount_currency AS amountCurrency, due_at AS dueAt, paid_at AS paidAt
  FROM invoices ${OF_CUSTOMER} ORDER BY due_at DESC LIMIT 200`;
const FIND_ORDERS = `SELECT number AS number, label AS label, status AS status, placed_at AS placedAt, amount_minor AS amountMinor, amount_currency AS amountCurrency
  FROM orders ${OF_CUSTOMER} ORDER BY placed_at DESC LIMIT 200`;

/** `!` escapes in LIKE on both databases, whatever their settings about backslashes. */
const SEARCH = `SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE c.tenant_id = ?`;
const HAS_WORD = `AND c.search_text LIKE ? ESCAPE '!'`;
const HAS_NUMBER = `AND EXISTS (SELECT 1 FROM customer_numbers n WHERE n.tenant_id = c.tenant_id AND n.customer_id = c.customer_id AND n.number LIKE ? ESCAPE '!')`;
const HAS_CONTRACT = `AND EXISTS (SELECT 1 FROM contracts t WHERE t.tenant_id = c.tenant_id AND t.customer_id = c.customer_id AND t.number LIKE ? ESCAPE '!')`;
const BEST_FIRST = `ORDER BY c.search_text LIKE ? ESCAPE '!' DESC, c.value_score DESC, c.display_name, c.customer_id LIMIT ?`;

const MAX_WORDS = 6;
const MAX_FOUND = 100;
const MAX_TIMELINE = 50;

/** The customer base, for identification, the pop and the search. */
export class DatabaseCustomers implements CustomerDirectory {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async findByPhone(tenantId: TenantId, number: E164, signal: AbortSignal): Promise<readonly CustomerSummary[]> {
    signal.throwIfAborted();
    const rows = await this.#connections.read((manager) => manager.query<unknown[]>(FIND_BY_PHONE, [tenantId, number]));
    signal.throwIfAborted();
    return rows.map(toSummary);
  }

  async loadFile(tenantId: TenantId, customerId: CustomerId, signal: AbortSignal): Promise<CustomerFile | undefined> {
    signal.throwIfAborted();
    return this.#connections.read(async (manager) => {
      const [row] = await manager.query<unknown[]>(FIND_DETAILS, [tenantId, customerId]);
      if (row === undefined) return undefined;
      const parts = await loadParts(manager, tenantId, customerId);
      signal.throwIfAborted();
      return { ...toDetails(row), ...parts };
    });
  }

  /** By words of the name or company, by digits of a number, or by a part of a contract number. */
  async search(tenantId: TenantId, text: string, limit: number): Promise<readonly CustomerSummary[]> {
    const words = foldText(text.slice(0, 200)).split(' ').filter((word) => word !== '').slice(0, MAX_WORDS);
    if (words.length === 0) return [];
    const most = Math.max(1, Math.min(Math.trunc(limit), MAX_FOUND));
    const starting = `${escapeLike(words.join(' '))}%`;
    const ask = (conditions: string, parameters: readonly string[]): Promise<unknown[]> => this.#connections.read((manager) =>
      manager.query<unknown[]>(`${SEARCH} ${conditions} ${BEST_FIRST}`, [tenantId, ...parameters, starting, most]));

    const found: unknown[] = [];
    const digits = digitsOf(text);
    if (digits !== undefined) found.push(...await ask(HAS_NUMBER, [`%${digits}%`]));
    if (/\d/.test(text)) found.push(...await ask(HAS_CONTRACT, [`%${escapeLike(text.trim().toUpperCase().slice(0, 64))}%`]));
    found.push(...await ask(words.map(() => HAS_WORD).join(' '), words.map((word) => `%${escapeLike(word)}%`)));
    const summaries = new Map(found.map(toSummary).map((summary) => [summary.customerId, summary]));
    return [...summaries.values()].slice(0, most);
  }
}

const escapeLike = (text: string): string => text.replace(/[!%_]/g, '!$&');

/** Three digits at least, without the zeros or the plus that stand for "national" and "international". */
function digitsOf(text: string): string | undefined {
  if (!/^[\d\s+().-]+$/.test(text.trim())) return undefined;
  const digits = text.replace(/\D/g, '').replace(/^0+/, '');
  return digits.length >= 3 && digits.length <= 15 ? digits : undefined;
}

async function loadParts(manager: EntityManager, tenant: TenantId, customer: CustomerId):
  Promise<Pick<CustomerFile, 'numbers' | 'contracts' | 'cases' | 'invoices' | 'orders' | 'tasks' | 'timeline'>> {
  const ask = <Row>(sql: string): Promise<Row[]> => manager.query<Row[]>(sql, [tenant, customer]);
  const numbers = await ask<{ number: string }>(FIND_NUMBERS);
  const contracts = await ask<ContractRow>(FIND_CONTRACTS);
  const cases = await ask<CaseRow>(FIND_CASES);
  const invoices = await ask<InvoiceRow>(FIND_INVOICES);
  const orders = await ask<OrderRow>(FIND_ORDERS);
  const tasks = await ask<unknown>(FIND_TASKS);
  return {
    numbers: numbers.map(({ number }) => parseRow(e164, number, { table: 'customer_numbers', id: customer })),
    contracts: contracts.map(toContract),
    cases: cases.map(toCase),
    invoices: invoices.map(toInvoice),
    orders: orders.map(toOrder),
    tasks: tasks.map(toTask),
    timeline: await listSummaries(manager, { tenantId: tenant, customerId: customer, limit: MAX_TIMELINE }),
  };
}
