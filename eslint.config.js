import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// Rule 5 of docs/ARCHITECTURE.md: the environment, the current time, randomness and the console each have one door.
const doors = {
  env: { object: 'process', property: 'env', message: 'Only core/config.ts reads the environment.' },
  now: { object: 'Date', property: 'now', message: 'Ask the clock that is handed in.' },
  random: { object: 'Math', property: 'random', message: 'Randomness comes from node:crypto.' },
};
const dateWithoutArgument = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'Ask the clock that is handed in.',
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'coverage/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      'no-console': 'error',
      'no-restricted-properties': ['error', doors.env, doors.now, doors.random],
      'no-restricted-syntax': [
        'error',
        dateWithoutArgument,
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
    },
  },
  { files: ['core/config.ts'], rules: { 'no-restricted-properties': ['error', doors.now, doors.random] } },
  { files: ['core/clock.ts'], rules: { 'no-restricted-properties': ['error', doors.env, doors.random] } },
  { files: ['core/bin/**', 'core/log/**'], rules: { 'no-console': 'off' } },
  { files: ['bench/**'], rules: { 'no-restricted-properties': ['error', doors.random] } },
  {
    files: ['test/**/*.{ts,cjs}'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      'no-restricted-properties': ['error', doors.random],
      'no-restricted-syntax': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', process: 'readonly', setImmediate: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['eslint.config.js'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['core/public/**/*.js', 'plugins/*/public/**/*.js'],
    languageOptions: {
      globals: {
        document: 'readonly',
        window: 'readonly',
        location: 'readonly',
        fetch: 'readonly',
        FormData: 'readonly',
        XMLHttpRequest: 'readonly',
        BroadcastChannel: 'readonly',
        navigator: 'readonly',
        matchMedia: 'readonly',
        localStorage: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        DOMParser: 'readonly',
        HTMLElement: 'readonly',
        Event: 'readonly',
        CustomEvent: 'readonly',
        htmx: 'readonly',
      },
    },
    rules: { ...tseslint.configs.disableTypeChecked.rules },
  },
);
