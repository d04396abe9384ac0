import { Table, type QueryRunner, type TableColumnOptions, type TableForeignKeyOptions, type TableIndexOptions } from 'typeorm';

/** Column types of the migrations, the same on SQLite and on MySQL/MariaDB. */
export const col = {
  varchar: (name: string, length = 64): TableColumnOptions => ({ name, type: 'varchar', length: String(length) }),
  text: (name: string): TableColumnOptions => ({ name, type: 'text' }),
  bigint: (name: string): TableColumnOptions => ({ name, type: 'bigint' }),
  int: (name: string): TableColumnOptions => ({ name, type: 'int' }),
  boolean: (name: string): TableColumnOptions => ({ name, type: 'boolean' }),
  /** JSON that may outgrow MySQL's 64 KiB `text`: a receipt names every agent. SQLite's `text` has no limit. */
  json: (name: string, { dataSource }: QueryRunner): TableColumnOptions =>
    ({ name, type: dataSource.options.type === 'mysql' || dataSource.options.type === 'mariadb' ? 'longtext' : 'text' }),
} as const;

export const nullable = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isNullable: true });
export const primary = (column: TableColumnOptions): TableColumnOptions => ({ ...column, isPrimary: true });

/** An index over columns of a table, named after both. */
export const index = (table: string, columns: readonly string[], options: Partial<TableIndexOptions> = {}): TableIndexOptions =>
  ({ name: `ix_${table}_${columns.join('_')}`.slice(0, 64), columnNames: [...columns], ...options });

/** A reference within the tenant: the same column names on both sides. */
export const references = (table: string, columns: readonly string[], onDelete: 'CASCADE' | 'RESTRICT' = 'CASCADE'): TableForeignKeyOptions =>
  ({ columnNames: [...columns], referencedTableName: table, referencedColumnNames: [...columns], onDelete });

/** Makes one table with its indexes and references. */
export async function createTable(
  runner: QueryRunner,
  name: string,
  columns: readonly TableColumnOptions[],
  extras: { readonly indices?: readonly TableIndexOptions[]; readonly foreignKeys?: readonly TableForeignKeyOptions[] } = {},
): Promise<void> {
  await runner.createTable(new Table({
    name, columns: [...columns], indices: [...extras.indices ?? []], foreignKeys: [...extras.foreignKeys ?? []],
  }), true, true, true);
}
