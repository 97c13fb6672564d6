// knex publishes no types for its dialects; the two adapters beside say what they use of them.
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  const dialect: unknown;
  export = dialect;
}
declare module 'knex/lib/dialects/mysql2/index.js' {
  const dialect: unknown;
  export = dialect;
}
declare module 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js' {
  const transaction: unknown;
  export = transaction;
}
declare module 'knex/lib/dialects/sqlite3/query/sqlite-querycompiler.js' {
  const compiler: unknown;
  export = compiler;
}
declare module 'knex/lib/dialects/mysql/query/mysql-querycompiler.js' {
  const compiler: unknown;
  export = compiler;
}
