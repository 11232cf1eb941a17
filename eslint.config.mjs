import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const readable = (...names) => Object.fromEntries(names.map((name) => [name, 'readonly']));

export default tseslint.config(
  { ignores: ['dist/', 'docs/api/', 'node_modules/'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      'no-restricted-properties': [
        'error',
        { object: 'it', property: 'only' },
        { object: 'describe', property: 'only' },
      ],
    },
  },
  {
    files: ['examples/**/public/**'],
    languageOptions: {
      globals: {
        ...readable('document', 'fetch', 'matchMedia', 'requestAnimationFrame', 'addEventListener'),
        ...readable('CSS', 'EventSource', 'File', 'FormData', 'setInterval', 'location', 'Quill'),
      },
    },
  },
  {
    files: ['examples/frameworks/nestjs/**'],
    rules: { '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }] },
  },
  { files: ['scripts/editors/pages/**'], languageOptions: { globals: readable('document') } },
  {
    files: ['scripts/figures/pages/**'],
    languageOptions: { globals: readable('document', 'mermaid', 'XMLSerializer') },
  },
  // at most three things to know at a call, and a function that fits a screen
  {
    files: ['lib/**'],
    rules: {
      'max-params': ['error', 3],
      'max-lines-per-function': ['error', { max: 40 }],
    },
  },
  { files: ['scripts/**'], languageOptions: { globals: readable('console', 'process') } },
  {
    files: ['spec/**', 'stand-in/spec/**', 'bench/**'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
);
