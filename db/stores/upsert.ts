import type { EntityManager, EntitySchema, ObjectLiteral } from 'typeorm';

/** A statement that inserts one row or brings the row with its key up to date. */
export interface Upsert<Row> {
  readonly sql: string;
  readonly parametersOf: (row: Row) => readonly unknown[];
}

/**
 * Writes the statement for a table, from its entity. TypeORM's own `upsert` builds its text anew
 * for each call, ten times slower than the database takes to run it; this one is prepared once.
 */
export function upsertInto<Row extends ObjectLiteral>({ dataSource }: EntityManager, entity: EntitySchema<Row>): Upsert<Row> {
  const { columns, primaryColumns, tableName } = dataSource.getMetadata(entity);
  const name = (column: string): string => dataSource.driver.escape(column);
  const isMySql = dataSource.options.type === 'mysql' || dataSource.options.type === 'mariadb';
  const rest = columns.filter(({ isPrimary }) => !isPrimary).map(({ databaseName }) => name(databaseName));
  const update = isMySql
    ? `ON DUPLICATE KEY UPDATE ${rest.map((column) => `${column} = VALUES(${column})`).join(', ')}`
    : `ON CONFLICT (${primaryColumns.map(({ databaseName }) => name(databaseName)).join(', ')}) DO UPDATE SET ${rest.map((column) => `${column} = excluded.${column}`).join(', ')}`;
  return {
    sql: `INSERT INTO ${name(tableName)} (${columns.map(({ databaseName }) => name(databaseName)).join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ${update}`,
    parametersOf: (row) => columns.map(({ propertyName }): unknown => row[propertyName]),
  };
}
