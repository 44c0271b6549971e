// Lint for what is not shipped. The community-nodes rules of eslint.config.mjs forbid what tests and
// tools are made of (files, processes, timers), so these have TypeScript's own rules instead.
import js from '@eslint/js';
import { globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

export default typescript.config(
	globalIgnores(['**/node_modules', 'dist', '.cache']),
	js.configs.recommended,
	typescript.configs.recommended,
	{
		rules: {
			// Express tells error handlers by their four arguments, used or not.
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
		},
	},
	{
		files: ['**/*.mjs'],
		languageOptions: {
			globals: {
				process: 'readonly',
				console: 'readonly',
				setTimeout: 'readonly',
				clearTimeout: 'readonly',
				setInterval: 'readonly',
				clearInterval: 'readonly',
				URL: 'readonly',
			},
		},
	},
);
