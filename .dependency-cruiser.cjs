// The dependency rules of docs/ARCHITECTURE.md, numbered as there. Rule 5 is held by eslint.config.js.
const sqlPlaces =
  '(-store\\.ts$|^core/db/|^core/queue/|^core/plugin-host/migration|^migrations/|^plugins/[^/]+/migrations/)';
const httpPlaces = '(-routes\\.ts$|^core/web/|^core/plugin-host/mount|^plugins/[^/]+/simulator/)';
const product = '^(core|plugins|migrations)/';

module.exports = {
  forbidden: [
    {
      name: '1-plugin-imports-only-the-contract',
      comment: 'A plugin imports its own files, npm packages and #plugin-api.',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/', pathNot: '^plugins/[^/]+/migrations/' },
      to: {
        path: '^(core|views|migrations|test|bench|plugins)/',
        pathNot: ['^core/plugin-api/index\\.ts$', '^plugins/$1/'],
      },
    },
    {
      name: '1-plugin-migration-imports-only-columns',
      severity: 'error',
      from: { path: '^plugins/[^/]+/migrations/' },
      to: { path: '^(core|test)/', pathNot: '^core/(db/columns|plugin-api/index)\\.ts$' },
    },
    {
      name: '2-core-names-no-plugin',
      severity: 'error',
      from: { path: '^core/', pathNot: '^core/bin/demo' },
      to: { path: '^plugins/' },
    },
    {
      name: '3-contract-imports-nothing-of-core',
      severity: 'error',
      from: { path: '^core/plugin-api/' },
      to: { path: '^(core|plugins|test)/', pathNot: '^core/plugin-api/' },
    },
    {
      name: '4-express-at-the-edge',
      severity: 'error',
      from: { path: product, pathNot: httpPlaces },
      to: { path: 'node_modules/(@types/)?express/' },
    },
    {
      name: '4-sql-in-stores',
      severity: 'error',
      from: { path: product, pathNot: [sqlPlaces, '^core/plugin-api/', '^core/plugin-host/'] },
      to: { path: 'node_modules/(knex|mysql2|better-sqlite3)/' },
    },
    {
      name: '4-routes-ask-services',
      comment: 'routes → service → store → db',
      severity: 'error',
      from: { path: '-routes\\.ts$' },
      to: { path: '(-store\\.ts$|^core/db/)' },
    },
    {
      name: '6-product-knows-no-test',
      severity: 'error',
      from: { path: product },
      to: { path: '^(test|bench)/' },
    },
    {
      name: '6-product-knows-no-simulator',
      severity: 'error',
      from: { path: product, pathNot: ['^core/bin/demo', '^plugins/[^/]+/simulator/'] },
      to: { path: '/simulator/' },
    },
    {
      name: '7-no-circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist/|/public/)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['castdeck-source', 'import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  },
};
